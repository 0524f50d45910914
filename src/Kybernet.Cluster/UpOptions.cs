namespace Kybernet.Cluster;

/// <summary>What <c>kybernet up</c> is told.</summary>
/// <param name="Data">Which cluster.</param>
public sealed record UpOptions(DataDirectory Data)
{
    /// <summary>The port of the API server; null for the one of the last start, or 6443.</summary>
    public int? HttpsPort { get; init; }

    /// <summary>The name of this machine's node; null for the one of the last start, or the machine's own.</summary>
    public string? NodeName { get; init; }

    /// <summary>Whether this machine runs pods. Needs root; without, there is only the control plane.</summary>
    public bool WithNode { get; init; } = true;
}

/// <summary>A cluster that is up.</summary>
/// <param name="Server">The API server's address.</param>
/// <param name="Kubeconfig">The path of the administrator's kubeconfig.</param>
/// <param name="ProcessId">The process.</param>
public sealed record RunningCluster(Uri Server, string Kubeconfig, int ProcessId);
