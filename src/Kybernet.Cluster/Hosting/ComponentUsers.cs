using Kybernet.ApiServer.Authentication;

namespace Kybernet.Cluster.Hosting;

/// <summary>Who the components of this process are to the API server, which authorises them as it does everybody.</summary>
internal static class ComponentUsers
{
    private const string Authenticated = "system:authenticated";

    /// <summary>All controllers together: between them they may do everything, as upstream's accounts of each may.</summary>
    public static UserInfo Controllers { get; } = new("system:kube-controller-manager", ["system:masters", Authenticated]);

    /// <summary>The scheduler.</summary>
    public static UserInfo Scheduler { get; } = new("system:kube-scheduler", [Authenticated]);

    /// <summary>The cluster's DNS. It keeps a Service of its own besides reading those of all others.</summary>
    public static UserInfo Dns { get; } = new("system:kube-dns", ["system:masters", Authenticated]);

    /// <summary>The ingress, which reads the certificates of all namespaces.</summary>
    public static UserInfo Ingress { get; } = new("system:kybernet:ingress", ["system:masters", Authenticated]);

    /// <summary>Who looks whether the cluster is up.</summary>
    public static UserInfo Host { get; } = new("system:kybernet", ["system:masters", Authenticated]);

    /// <summary>What sees to a node's network: it may read Services, their endpoints and Nodes.</summary>
    public static UserInfo ServiceProxy { get; } = new("system:kube-proxy", [Authenticated]);

    /// <summary>The kubelet of a node.</summary>
    public static UserInfo Kubelet(string nodeName) => new($"system:node:{nodeName}", ["system:nodes", Authenticated]);
}
