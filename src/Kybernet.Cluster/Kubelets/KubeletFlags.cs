namespace Kybernet.Cluster.Kubelets;

/// <summary>What <c>kybernet kubelet</c> is told on its command line, as upstream's kubelet is.</summary>
public sealed record KubeletFlags
{
    /// <summary>The file with a KubeletConfiguration; null for none.</summary>
    public string? Config { get; init; }

    /// <summary>The file that says how to reach the API server.</summary>
    public required string Kubeconfig { get; init; }

    /// <summary>The file that says how to ask for a certificate, where <see cref="Kubeconfig"/> is not there yet; null for none.</summary>
    public string? BootstrapKubeconfig { get; init; }

    /// <summary>The node's name; null for the machine's.</summary>
    public string? HostnameOverride { get; init; }

    /// <summary>The node's address; null for the one that the API server is reached from.</summary>
    public string? NodeIP { get; init; }

    /// <summary>Labels for the Node, as in <c>disk=ssd,zone=a</c>.</summary>
    public string NodeLabels { get; init; } = "";

    /// <summary>Taints for the Node, as in <c>dedicated=db:NoSchedule,slow=:NoExecute</c>.</summary>
    public string Taints { get; init; } = "";

    /// <summary>Where certificates are kept that the cluster signs.</summary>
    public required string CertificateDirectory { get; init; }

    /// <summary>Where files of pods are kept.</summary>
    public required string RootDirectory { get; init; }

    /// <summary>The file that names credential provider plugins; null for none.</summary>
    public string? CredentialProviderConfiguration { get; init; }

    /// <summary>Where the plugins' programs are; null where there are none.</summary>
    public string? CredentialProviderDirectory { get; init; }

    /// <summary>Fields of the configuration that have a flag each, which counts more than the file does: the field and the flag's value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];
}
