using System.Net;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet;

/// <summary>What a kubelet has to be told.</summary>
public sealed record KubeletOptions
{
    /// <summary>The Node's name.</summary>
    public required string NodeName { get; init; }

    /// <summary>Where volumes and other files of pods live. Of this kubelet alone.</summary>
    public required string RootDirectory { get; init; }

    /// <summary>Where containers' logs live, a folder a pod, upstream's <c>/var/log/pods</c>.</summary>
    public string PodLogsDirectory { get; init; } = "/var/log/pods";

    /// <summary>Where links to containers' logs live, upstream's <c>/var/log/containers</c>.</summary>
    public string ContainerLogsDirectory { get; init; } = "/var/log/containers";

    /// <summary>The container runtime's socket, as in <c>unix:///run/containerd/containerd.sock</c>.</summary>
    public required string RuntimeEndpoint { get; init; }

    /// <summary>The node's address, as it reports it and as pods of the host network have it.</summary>
    public required string NodeIP { get; init; }

    /// <summary>The port that the kubelet's own API listens on; 0 for any that is free.</summary>
    public int Port { get; init; } = 10250;

    /// <summary>The address that the kubelet's own API listens on.</summary>
    public string ListenAddress { get; init; } = "0.0.0.0";

    /// <summary>
    /// Gives the certificate, with its key, that the kubelet's own API shows: asked at each handshake, since it may be renewed. Null where the API is not
    /// to be served.
    /// </summary>
    public Func<X509Certificate2>? ServerCertificate { get; init; }

    /// <summary>The authority whose certificates say who calls the kubelet's own API; null where none does.</summary>
    public X509Certificate2? ClientAuthority { get; init; }

    /// <summary>The file that the authority is in; empty where it comes from elsewhere.</summary>
    public string ClientAuthorityFile { get; init; } = "";

    /// <summary>The file of the certificate that its own API shows; empty where it has not one from a file.</summary>
    public string ServerCertificateFile { get; init; } = "";

    /// <summary>The file of that certificate's key.</summary>
    public string ServerKeyFile { get; init; } = "";

    /// <summary>Whether the cluster is asked to sign what its own API shows; otherwise it vouches for itself.</summary>
    public bool SignsServerCertificate { get; init; }

    /// <summary>Whether callers may show a token, which the API server is asked about.</summary>
    public bool TokenAuthentication { get; init; } = true;

    /// <summary>Whether callers who show nothing are let in as <c>system:anonymous</c>, who may then do what the cluster allows nobody in particular.</summary>
    public bool AnonymousAuthentication { get; init; }

    /// <summary>Whether callers who are known may do everything; otherwise the API server is asked.</summary>
    public bool AllowAllCallers { get; init; }

    /// <summary>Where the machine keeps its logs.</summary>
    public string SystemLogsDirectory { get; init; } = "/var/log";

    /// <summary>Whether the kubelet's own API shows them.</summary>
    public bool ServesSystemLogs { get; init; } = true;

    /// <summary>The cluster's DNS servers, for pods of policy ClusterFirst.</summary>
    public IReadOnlyList<string> ClusterDns { get; init; } = [];

    /// <summary>The domain that Services' names end in.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>The host's resolver configuration, for pods of policy Default; empty for none.</summary>
    public string ResolverConfiguration { get; init; } = "/etc/resolv.conf";

    /// <summary>The pod network of this node, where it is known before the Node has it; empty otherwise.</summary>
    public string PodCidr { get; init; } = "";

    /// <summary>
    /// Waited for before containers of a pod with addresses of its own start: sees to it that the rules of the network for these are in force. Null where
    /// nothing is to be waited for.
    /// </summary>
    public Func<Pod, IReadOnlyList<IPAddress>, CancellationToken, Task>? AdmitToNetwork { get; init; }

    /// <summary>How many pods the node takes.</summary>
    public int MaxPods { get; init; } = 110;

    /// <summary>Where the manifests of static pods are; empty for none.</summary>
    public string StaticPodDirectory { get; init; } = "";

    /// <summary>How often that is looked at.</summary>
    public TimeSpan StaticPodPeriod { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Taints that the Node gets when it is registered.</summary>
    public IReadOnlyList<Taint> Taints { get; init; } = [];

    /// <summary>Labels that the Node gets besides those that every node has.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// How little may be left before pods are evicted, as upstream's <c>evictionHard</c> has it. A cluster's own containerd keeps images on the file system
    /// of the pods' files, so that a stricter threshold of their own would only be a second one for the same.
    /// </summary>
    public IReadOnlyDictionary<string, string> EvictionHard { get; init; } = new Dictionary<string, string>
    {
        ["memory.available"] = "100Mi", ["nodefs.available"] = "10%", ["nodefs.inodesFree"] = "5%",
    };

    /// <summary>Upstream's own thresholds, which know nothing of where images are.</summary>
    public static IReadOnlyDictionary<string, string> UpstreamEvictionHard { get; } = new Dictionary<string, string>
    {
        ["memory.available"] = "100Mi", ["nodefs.available"] = "10%", ["nodefs.inodesFree"] = "5%", ["imagefs.available"] = "15%", ["imagefs.inodesFree"] = "5%",
    };

    /// <summary>How little may be left for some time before pods are evicted.</summary>
    public IReadOnlyDictionary<string, string> EvictionSoft { get; init; } = new Dictionary<string, string>();

    /// <summary>For how long, by signal.</summary>
    public IReadOnlyDictionary<string, string> EvictionSoftGrace { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a pod may take to end that is evicted because of these.</summary>
    public TimeSpan EvictionMaxPodGrace { get; init; }

    /// <summary>How much more has to be there before it is taken for enough again, by signal.</summary>
    public IReadOnlyDictionary<string, string> EvictionMinimumReclaim { get; init; } = new Dictionary<string, string>();

    /// <summary>How long the Node says that something is short after it was.</summary>
    public TimeSpan EvictionPressureTransition { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often it is looked whether pods have to be evicted.</summary>
    public TimeSpan EvictionPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether all pods together are held to what the node has for them.</summary>
    public bool EnforcesNodeAllocatable { get; init; } = true;

    /// <summary>What is kept for the system, by resource.</summary>
    public IReadOnlyDictionary<string, string> SystemReserved { get; init; } = new Dictionary<string, string>();

    /// <summary>What is kept for the kubelet and the container runtime, by resource.</summary>
    public IReadOnlyDictionary<string, string> KubeReserved { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// How many images are pulled at once: a registry that hangs must not keep everyone else from pulling, and too many at once would starve what runs.
    /// </summary>
    public int MaxParallelImagePulls { get; init; } = 4;

    /// <summary>How processors are given to containers: <c>none</c>, or <c>static</c> for some that have them alone.</summary>
    public string CpuManagerPolicy { get; init; } = "none";

    /// <summary>How often it is looked whether containers run on their processors.</summary>
    public TimeSpan CpuManagerReconcilePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The processors that are kept for the system, as in <c>0-1</c>, in place of an amount; empty where there is one.</summary>
    public string ReservedCpus { get; init; } = "";

    /// <summary>How long a shutdown of the machine is held up for its pods to end; zero for not at all.</summary>
    public TimeSpan ShutdownGrace { get; init; }

    /// <summary>How much of that time is critical pods', after the others have ended.</summary>
    public TimeSpan ShutdownGraceCritical { get; init; }

    /// <summary>How long by priority, in place of these two.</summary>
    public IReadOnlyList<ShutdownPeriod> ShutdownPeriods { get; init; } = [];

    /// <summary>How full the file system of images may be, in hundredths, before unused ones are removed; 100 for full.</summary>
    public int ImageCollectionHighPercent { get; init; } = 85;

    /// <summary>How full it is to be after that.</summary>
    public int ImageCollectionLowPercent { get; init; } = 80;

    /// <summary>How long an image stays after it came, used or not.</summary>
    public TimeSpan ImageMinimumAge { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an image stays that is not used; zero for as long as there is room.</summary>
    public TimeSpan ImageMaximumAge { get; init; }

    /// <summary>How often it is looked whether images are to be removed.</summary>
    public TimeSpan ImageCollectionPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The names of images that stay whether they are used or not, such as those that could not be pulled again.</summary>
    public IReadOnlySet<string> PinnedImages { get; init; } = new HashSet<string>();

    /// <summary>The file that names the node's credential provider plugins; empty for none.</summary>
    public string CredentialProviderConfiguration { get; init; } = "";

    /// <summary>Where the plugins' programs are.</summary>
    public string CredentialProviderDirectory { get; init; } = "";

    /// <summary>How many processes and threads a pod may have; -1 for as many as it likes.</summary>
    public long PodPidsLimit { get; init; } = -1;

    /// <summary>The cgroup that those of the pods are made in, beginning with a slash. Empty for the root.</summary>
    public string CgroupRoot { get; init; } = "";

    /// <summary>The version that the Node reports.</summary>
    public string Version { get; init; } = "v1.36.0+kybernet";

    /// <summary>How large a container's log may grow before it is rotated.</summary>
    public long ContainerLogMaxBytes { get; init; } = 10 << 20;

    /// <summary>How many files of a container's log are kept, the current one included.</summary>
    public int ContainerLogMaxFiles { get; init; } = 5;

    /// <summary>How often the Lease of the node is renewed.</summary>
    public TimeSpan LeaseRenewal { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the Node's status is looked at and, where it changed, written.</summary>
    public TimeSpan NodeStatusPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the runtime is asked what runs.</summary>
    public TimeSpan RelistPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a pod is looked at though nothing is known to have changed: files of ConfigMaps and Secrets follow them then.</summary>
    public TimeSpan SyncPeriod { get; init; } = TimeSpan.FromSeconds(60);

    internal string LocalVolumesDirectory => Path.Combine(RootDirectory, "local-volumes");

    internal string PodsDirectory => Path.Combine(RootDirectory, "pods");
}
