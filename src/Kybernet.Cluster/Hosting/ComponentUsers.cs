using Kybernet.ApiServer.Authentication;

namespace Kybernet.Cluster.Hosting;

/// <summary>Who the components of this process are to the API server, which authorises them as it does everybody; those of upstream are <see cref="UserInfo"/>'s to name.</summary>
internal static class ComponentUsers
{
    private const string Authenticated = "system:authenticated";
    private const string SystemNamespace = "kube-system";

    /// <summary>The cluster's DNS. It keeps a Service of its own besides reading those of all others.</summary>
    public static UserInfo Dns { get; } = UserInfo.ServiceAccount(SystemNamespace, "kube-dns");

    /// <summary>The ingress, which reads the certificates of all namespaces.</summary>
    public static UserInfo Ingress { get; } = UserInfo.ServiceAccount(SystemNamespace, "kybernet-ingress");

    /// <summary>The gateways, which read the certificates of all namespaces and keep a Service in each that has a Gateway.</summary>
    public static UserInfo Gateway { get; } = UserInfo.ServiceAccount(SystemNamespace, "kybernet-gateway");

    /// <summary>Who looks whether the cluster is up.</summary>
    public static UserInfo Host { get; } = new("system:kybernet", ["system:masters", Authenticated]);

    /// <summary>What sees to a node's network: it may read Services, their endpoints and Nodes.</summary>
    public static UserInfo ServiceProxy { get; } = new("system:kube-proxy", [Authenticated]);

    /// <summary>What enforces network policies: it reads pods, namespaces and policies of the whole cluster.</summary>
    public static UserInfo NetworkPolicies { get; } = new("system:kybernet:network-policies", ["system:masters", Authenticated]);
}
