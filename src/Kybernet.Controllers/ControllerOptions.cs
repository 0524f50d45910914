using System.Net;

namespace Kybernet.Controllers;

/// <summary>How the controllers work. The defaults are kube-controller-manager's.</summary>
public sealed record ControllerOptions
{
    /// <summary>Which controllers run, as <c>--controllers</c> of kube-controller-manager says it: names, names with a minus before, and <c>*</c> for all others.</summary>
    public IReadOnlyList<string> Controllers { get; init; } = ["*"];

    /// <summary>How many objects a controller works on at once.</summary>
    public int Workers { get; init; } = 5;

    /// <summary>How long a node may be silent before it counts as gone.</summary>
    public TimeSpan NodeMonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How long a new node may take to report for the first time.</summary>
    public TimeSpan NodeStartupGracePeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often nodes are looked at.</summary>
    public TimeSpan NodeMonitorPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a Job waits after its first failed pod before it makes another; twice as long after each more, up to ten minutes.</summary>
    public TimeSpan JobPodFailureBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a HorizontalPodAutoscaler looks at its metrics.</summary>
    public TimeSpan HorizontalPodAutoscalerSyncPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many pods that have ended are kept, over all namespaces; 0 or less to keep all.</summary>
    public int TerminatedPodThreshold { get; init; } = 12500;

    /// <summary>The networks that Nodes are given a part of each for their pods: one of IPv4, one of IPv6, or one of each. Empty where somebody else gives them.</summary>
    public IReadOnlyList<IPNetwork> ClusterCidrs { get; init; } = [];

    /// <summary>The prefix length of a Node's part of an IPv4 network.</summary>
    public int NodeCidrMaskSizeIPv4 { get; init; } = 24;

    /// <summary>The prefix length of a Node's part of an IPv6 network.</summary>
    public int NodeCidrMaskSizeIPv6 { get; init; } = 64;

    /// <summary>The certificate of the authority that signs the API server's, as PEM: published as <c>kube-root-ca.crt</c>. Empty for none.</summary>
    public string RootCertificate { get; init; } = "";

    /// <summary>The certificate of the authority that signs approved CertificateSigningRequests, as PEM.</summary>
    public string ClusterSigningCertificate { get; init; } = "";

    /// <summary>Its private key, as PEM; empty where nothing is to be signed.</summary>
    public string ClusterSigningKey { get; init; } = "";

    /// <summary>How long the certificates that it signs are valid at the most.</summary>
    public TimeSpan ClusterSigningDuration { get; init; } = TimeSpan.FromDays(365);

    /// <summary>
    /// Whether a kubelet's request for a serving certificate is approved when it names nothing but addresses of its own Node; upstream leaves such requests
    /// to an approver of the administrator's.
    /// </summary>
    public bool ApproveKubeletServing { get; init; }

    /// <summary>Who holds the lease <c>kube-system/kube-controller-manager</c>; null where there is only this one and no election is needed.</summary>
    public string? LeaderElectionIdentity { get; init; }
}
