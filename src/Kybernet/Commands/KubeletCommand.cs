using System.CommandLine;
using Kybernet.Cluster.Kubelets;

namespace Kybernet.Commands;

/// <summary><c>kybernet kubelet</c>: the kubelet alone, with upstream's flags, against any API server.</summary>
internal static class KubeletCommand
{
    // Upstream's flags that are fields of the configuration too.
    private static readonly (string Flag, string Field, string Description)[] FieldFlags =
    [
        ("--address", "address", "The address that the kubelet's own API listens on."),
        ("--port", "port", "The port that it listens on."),
        ("--anonymous-auth", "authentication.anonymous.enabled", "Whether callers who show nothing are let in as system:anonymous."),
        ("--authentication-token-webhook", "authentication.webhook.enabled", "Whether callers may show tokens, which the API server is asked about."),
        ("--authorization-mode", "authorization.mode", "AlwaysAllow, or Webhook to ask the API server."),
        ("--client-ca-file", "authentication.x509.clientCAFile", "The authority of callers' certificates."),
        ("--tls-cert-file", "tlsCertFile", "The certificate of the kubelet's own API."),
        ("--tls-private-key-file", "tlsPrivateKeyFile", "Its key."),
        ("--rotate-server-certificates", "serverTLSBootstrap", "Whether the cluster is asked for that certificate."),
        ("--cgroup-root", "cgroupRoot", "The cgroup that those of pods are made in."),
        ("--cluster-dns", "clusterDNS", "The cluster's DNS servers, comma-separated."),
        ("--cluster-domain", "clusterDomain", "The domain that Services' names end in."),
        ("--container-log-max-files", "containerLogMaxFiles", "How many files of a container's log are kept."),
        ("--container-log-max-size", "containerLogMaxSize", "How large one of them may grow."),
        ("--container-runtime-endpoint", "containerRuntimeEndpoint", "The container runtime's socket."),
        ("--cpu-manager-policy", "cpuManagerPolicy", "How processors are given to containers: none, or static for some that have them alone."),
        ("--cpu-manager-reconcile-period", "cpuManagerReconcilePeriod", "How often it is looked whether containers run on their processors."),
        ("--enforce-node-allocatable", "enforceNodeAllocatable", "Whether all pods together are held to what the node has for them: pods, or none."),
        ("--eviction-hard", "evictionHard", "How little may be left before pods are evicted, as in memory.available<100Mi."),
        ("--eviction-max-pod-grace-period", "evictionMaxPodGracePeriod", "How many seconds a pod may take to end that is evicted for a soft threshold."),
        ("--eviction-minimum-reclaim", "evictionMinimumReclaim", "How much more has to be there before it is enough again, as in nodefs.available=500Mi."),
        ("--eviction-pressure-transition-period", "evictionPressureTransitionPeriod", "How long the Node says that something is short after it was."),
        ("--eviction-soft", "evictionSoft", "How little may be left for some time before pods are evicted."),
        ("--eviction-soft-grace-period", "evictionSoftGracePeriod", "For how long, as in memory.available=1m30s."),
        ("--file-check-frequency", "fileCheckFrequency", "How often the manifests of static pods are looked at."),
        ("--image-gc-high-threshold", "imageGCHighThresholdPercent", "How full, in hundredths, the disk of images may be before unused ones are removed."),
        ("--image-gc-low-threshold", "imageGCLowThresholdPercent", "How full it is to be after that."),
        ("--kube-reserved", "kubeReserved", "What is kept for the kubelet and the container runtime, as in cpu=200m,memory=500Mi."),
        ("--max-pods", "maxPods", "How many pods the node takes."),
        ("--node-status-update-frequency", "nodeStatusUpdateFrequency", "How often the Node's status is looked at."),
        ("--pod-cidr", "podCIDR", "The addresses of the node's pods."),
        ("--pod-manifest-path", "staticPodPath", "Where the manifests of static pods are."),
        ("--reserved-cpus", "reservedSystemCPUs", "The processors that are kept for the system, as in 0-1."),
        ("--resolv-conf", "resolvConf", "The host's resolver configuration."),
        ("--pod-max-pids", "podPidsLimit", "How many processes and threads a pod may have."),
        ("--system-reserved", "systemReserved", "What is kept for the system, as in cpu=200m,memory=500Mi."),
        ("--sync-frequency", "syncFrequency", "How often a pod is looked at though nothing is known to have changed."),
    ];

    public static Command Create(TimeProvider time)
    {
        var config = Text("--config", "A file with a KubeletConfiguration (kubelet.config.k8s.io/v1beta1).");
        var kubeconfig = Text("--kubeconfig", "How to reach the API server.");
        var bootstrap = Text("--bootstrap-kubeconfig", "How to ask for a certificate where the kubeconfig is not there yet; it is written then.");
        var hostname = Text("--hostname-override", "The node's name [default: the machine's].");
        var nodeIP = Text("--node-ip", "The node's address [default: the one that the API server is reached from].");
        var labels = Text("--node-labels", "Labels for the Node, as in disk=ssd,zone=a.");
        var taints = Text("--register-with-taints", "Taints for the Node, as in dedicated=db:NoSchedule.");
        var certificates = Text("--cert-dir", "Where certificates are kept that the cluster signs.", "/var/lib/kubelet/pki");
        var root = Text("--root-dir", "Where files of pods are kept.", "/var/lib/kubelet");
        var providers = Text("--image-credential-provider-config", "A file that names credential provider plugins.");
        var providerFolder = Text("--image-credential-provider-bin-dir", "Where the plugins' programs are.");
        var fields = FieldFlags.Select(static flag => (Option: Text(flag.Flag, flag.Description), flag.Field)).ToArray();

        var command = new Command("kubelet", "Run a kubelet alone, with upstream's flags, against any API server.")
        {
            config, kubeconfig, bootstrap, hostname, nodeIP, labels, taints, certificates, root, providers, providerFolder,
        };
        foreach (var (option, _) in fields)
        {
            command.Options.Add(option);
        }
        kubeconfig.Required = true;
        command.SetAction((parsed, cancellationToken) =>
        {
            var flags = new KubeletFlags
            {
                Config = parsed.GetValue(config),
                Kubeconfig = parsed.GetValue(kubeconfig)!,
                BootstrapKubeconfig = parsed.GetValue(bootstrap),
                HostnameOverride = parsed.GetValue(hostname),
                NodeIP = parsed.GetValue(nodeIP),
                NodeLabels = parsed.GetValue(labels) ?? "",
                Taints = parsed.GetValue(taints) ?? "",
                CertificateDirectory = parsed.GetValue(certificates)!,
                RootDirectory = parsed.GetValue(root)!,
                CredentialProviderConfiguration = parsed.GetValue(providers),
                CredentialProviderDirectory = parsed.GetValue(providerFolder),
                Fields = [.. fields.Where(field => parsed.GetValue(field.Option) is not null).Select(field => KeyValuePair.Create(field.Field, parsed.GetValue(field.Option)!))],
            };
            return new KubeletRunner(flags, Console.Error, time).RunAsync(cancellationToken);
        });
        return command;
    }

    private static Option<string?> Text(string name, string description, string? fallback = null) => fallback is null
        ? new Option<string?>(name) { Description = description }
        : new Option<string?>(name) { Description = description, DefaultValueFactory = _ => fallback };
}
