namespace Kybernet.Cluster;

/// <summary>What <c>kybernet up</c> is told.</summary>
/// <param name="Data">Which cluster.</param>
public sealed record UpOptions(DataDirectory Data)
{
    /// <summary>The port of the API server; null for the one of the last start, or 6443.</summary>
    public int? HttpsPort { get; init; }

    /// <summary>The name of this machine's node; null for the one of the last start, or the machine's own.</summary>
    public string? NodeName { get; init; }

    /// <summary>The addresses of all pods, as in <c>10.244.0.0/16</c>; null for those of the last start, or such as nobody on this machine has.</summary>
    public string? PodCidr { get; init; }

    /// <summary>The addresses of Services, as in <c>10.96.0.0/16</c>; null for those of the last start, or such as no other cluster here has.</summary>
    public string? ServiceCidr { get; init; }

    /// <summary>How pods of different nodes reach each other: <c>vxlan</c>, <c>host-gw</c> or <c>none</c>; null for that of the last start, or vxlan.</summary>
    public string? Network { get; init; }

    /// <summary>The port of this machine that Ingresses are served at, for HTTP; null for the one of the last start, or 80.</summary>
    public int? IngressHttpPort { get; init; }

    /// <summary>The same, for HTTPS; null for the one of the last start, or 443.</summary>
    public int? IngressHttpsPort { get; init; }

    /// <summary>The etcd that keeps the objects; null for that of the last start, or the store in the data directory.</summary>
    public Datastore? Datastore { get; init; }

    /// <summary>
    /// Those of kube-apiserver's flags that are given, by their names (<see cref="Kybernet.ApiServer.Hosting.ApiServerFlags"/>). They hold for later starts
    /// too; an empty value takes one back.
    /// </summary>
    public IReadOnlyDictionary<string, string> ApiServerFlags { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether this machine runs pods. Needs root; without, there is only the control plane.</summary>
    public bool WithNode { get; init; } = true;
}

/// <summary>A cluster that is up.</summary>
/// <param name="Server">The API server's address.</param>
/// <param name="Kubeconfig">The path of the administrator's kubeconfig.</param>
/// <param name="ProcessId">The process.</param>
public sealed record RunningCluster(Uri Server, string Kubeconfig, int ProcessId);
