using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Kubelet.Cpus;
using static Kybernet.Kubelet.Configuration.ConfigurationField;

namespace Kybernet.Kubelet.Configuration;

/// <summary>The fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that this kubelet acts on.</summary>
internal static class ConfigurationFields
{
    private const string AlwaysAllow = "AlwaysAllow";
    private const string Webhook = "Webhook";
    private const string Pods = "pods";
    private const string None = "none";

    public static IReadOnlyList<ConfigurationField> All { get; } =
    [
        Text("staticPodPath", static options => options.StaticPodDirectory, static (options, value) => options with { StaticPodDirectory = value }),
        Duration("syncFrequency", static options => options.SyncPeriod, static (options, value) => options with { SyncPeriod = value }),
        Duration("fileCheckFrequency", static options => options.StaticPodPeriod, static (options, value) => options with { StaticPodPeriod = value }),
        Text("address", static options => options.ListenAddress, static (options, value) => options with { ListenAddress = value }),
        Number("port", static options => options.Port, static (options, value) => options with { Port = (int)value }),
        Text("tlsCertFile", static options => options.ServerCertificateFile, static (options, value) => options with { ServerCertificateFile = value }),
        Text("tlsPrivateKeyFile", static options => options.ServerKeyFile, static (options, value) => options with { ServerKeyFile = value }),
        Flag("serverTLSBootstrap", static options => options.SignsServerCertificate, static (options, value) => options with { SignsServerCertificate = value }),
        Text("authentication.x509.clientCAFile", static options => options.ClientAuthorityFile, static (options, value) => options with { ClientAuthorityFile = value }),
        Flag("authentication.webhook.enabled", static options => options.TokenAuthentication, static (options, value) => options with { TokenAuthentication = value }),
        Flag("authentication.anonymous.enabled", static options => options.AnonymousAuthentication, static (options, value) => options with { AnonymousAuthentication = value }),
        new("authorization.mode", static options => JsonValue.Create(options.AllowAllCallers ? AlwaysAllow : Webhook), SetAuthorization),
        new("registerWithTaints", static options => new JsonArray([.. options.Taints.Select(static taint => ModelJson.ToTree(taint))]), SetTaints),
        Text("clusterDomain", static options => options.ClusterDomain, static (options, value) => options with { ClusterDomain = value }),
        Texts("clusterDNS", static options => options.ClusterDns, static (options, value) => options with { ClusterDns = value }),
        Duration("nodeStatusUpdateFrequency", static options => options.NodeStatusPeriod, static (options, value) => options with { NodeStatusPeriod = value }),
        Text("cgroupRoot", static options => options.CgroupRoot, static (options, value) => options with { CgroupRoot = value == "/" ? "" : value }),
        Number("maxPods", static options => options.MaxPods, static (options, value) => options with { MaxPods = (int)value }),
        Number("podPidsLimit", static options => options.PodPidsLimit, static (options, value) => options with { PodPidsLimit = value }),
        Flag("serializeImagePulls", static options => options.MaxParallelImagePulls == 1, static (options, value) => value ? options with { MaxParallelImagePulls = 1 } : options),
        Number("maxParallelImagePulls", static options => options.MaxParallelImagePulls, static (options, value) => options with { MaxParallelImagePulls = (int)value }),
        Map("evictionHard", static options => options.EvictionHard, static (options, value) => options with { EvictionHard = value }),
        Map("evictionSoft", static options => options.EvictionSoft, static (options, value) => options with { EvictionSoft = value }),
        Map("evictionSoftGracePeriod", static options => options.EvictionSoftGrace, static (options, value) => options with { EvictionSoftGrace = value }),
        Number("evictionMaxPodGracePeriod", static options => (long)options.EvictionMaxPodGrace.TotalSeconds, static (options, value) => options with { EvictionMaxPodGrace = TimeSpan.FromSeconds(value) }),
        Map("evictionMinimumReclaim", static options => options.EvictionMinimumReclaim, static (options, value) => options with { EvictionMinimumReclaim = value }),
        Duration("evictionPressureTransitionPeriod", static options => options.EvictionPressureTransition, static (options, value) => options with { EvictionPressureTransition = OrFiveMinutes(value) }),
        new("cpuManagerPolicy", static options => JsonValue.Create(options.CpuManagerPolicy), SetCpuPolicy),
        Map("cpuManagerPolicyOptions", static _ => new Dictionary<string, string>(), RefuseCpuOptions),
        Duration("cpuManagerReconcilePeriod", static options => options.CpuManagerReconcilePeriod, static (options, value) => options with { CpuManagerReconcilePeriod = value }),
        Text("reservedSystemCPUs", static options => options.ReservedCpus, static (options, value) => options with { ReservedCpus = CpuSet.Parse(value).ToString() }),
        Duration("shutdownGracePeriod", static options => options.ShutdownGrace, static (options, value) => options with { ShutdownGrace = value }),
        Duration("shutdownGracePeriodCriticalPods", static options => options.ShutdownGraceCritical, static (options, value) => options with { ShutdownGraceCritical = value }),
        new("shutdownGracePeriodByPodPriority", static options => new JsonArray([.. options.ShutdownPeriods.Select(Period)]), SetPeriods),
        Number("imageGCHighThresholdPercent", static options => options.ImageCollectionHighPercent, static (options, value) => options with { ImageCollectionHighPercent = (int)value }),
        Number("imageGCLowThresholdPercent", static options => options.ImageCollectionLowPercent, static (options, value) => options with { ImageCollectionLowPercent = (int)value }),
        Duration("imageMinimumGCAge", static options => options.ImageMinimumAge, static (options, value) => options with { ImageMinimumAge = value }),
        Duration("imageMaximumGCAge", static options => options.ImageMaximumAge, static (options, value) => options with { ImageMaximumAge = value }),
        Map("systemReserved", static options => options.SystemReserved, static (options, value) => options with { SystemReserved = Amounts(value) }),
        Map("kubeReserved", static options => options.KubeReserved, static (options, value) => options with { KubeReserved = Amounts(value) }),
        new("enforceNodeAllocatable", static options => new JsonArray(options.EnforcesNodeAllocatable ? Pods : None), SetEnforcement),
        Text("podCIDR", static options => options.PodCidr, static (options, value) => options with { PodCidr = value }),
        Text("resolvConf", static options => options.ResolverConfiguration, static (options, value) => options with { ResolverConfiguration = value }),
        new(
            "containerLogMaxSize",
            static options => JsonValue.Create(new Quantity(options.ContainerLogMaxBytes, QuantityFormat.BinarySI).ToString()),
            static (options, value) => options with { ContainerLogMaxBytes = Quantity.Parse(value.GetValue<string>()).ToInt64() }),
        Number("containerLogMaxFiles", static options => options.ContainerLogMaxFiles, static (options, value) => options with { ContainerLogMaxFiles = (int)value }),
        Text("podLogsDir", static options => options.PodLogsDirectory, static (options, value) => options with { PodLogsDirectory = value }),
        Flag("enableSystemLogHandler", static options => options.ServesSystemLogs, static (options, value) => options with { ServesSystemLogs = value }),
        Text("containerRuntimeEndpoint", static options => options.RuntimeEndpoint, static (options, value) => options with { RuntimeEndpoint = value }),
    ];

    private static KubeletOptions SetAuthorization(KubeletOptions options, JsonNode value) => value.GetValue<string>() switch
    {
        AlwaysAllow => options with { AllowAllCallers = true },
        Webhook => options with { AllowAllCallers = false },
        var other => throw new FormatException($"unknown authorization mode {other}"),
    };

    private static KubeletOptions SetEnforcement(KubeletOptions options, JsonNode value) => (string?[])[.. value.AsArray().Select(static item => (string?)item)] switch
    {
        [Pods] => options with { EnforcesNodeAllocatable = true },
        [] or [None] => options with { EnforcesNodeAllocatable = false },
        _ => throw new FormatException($"only \"{Pods}\" and \"{None}\" are supported: what is no pod has no cgroup that this kubelet manages"),
    };

    private static KubeletOptions SetCpuPolicy(KubeletOptions options, JsonNode value) => value.GetValue<string>() is CpuManager.None or CpuManager.Static
        ? options with { CpuManagerPolicy = value.GetValue<string>() }
        : throw new FormatException($"unknown policy: \"{value}\"");

    private static KubeletOptions RefuseCpuOptions(KubeletOptions options, IReadOnlyDictionary<string, string> value) => value.Count == 0
        ? options
        : throw new FormatException($"options of the CPU manager's policy are not supported by this kubelet: {string.Join(", ", value.Keys)}");

    private static JsonObject Period(ShutdownPeriod period) => new()
    {
        ["priority"] = JsonValue.Create(period.Priority), ["shutdownGracePeriodSeconds"] = JsonValue.Create((long)period.Grace.TotalSeconds),
    };

    private static KubeletOptions SetPeriods(KubeletOptions options, JsonNode value) => options with
    {
        ShutdownPeriods =
        [
            .. value.AsArray().Select(static item => new ShutdownPeriod(
                (int)item!["priority"]!.GetValue<long>(), TimeSpan.FromSeconds(item["shutdownGracePeriodSeconds"]!.GetValue<long>()))),
        ],
    };

    // Upstream takes zero for what is not set.
    private static TimeSpan OrFiveMinutes(TimeSpan value) => value == TimeSpan.Zero ? TimeSpan.FromMinutes(5) : value;

    private static IReadOnlyDictionary<string, string> Amounts(IReadOnlyDictionary<string, string> value)
    {
        foreach (var amount in value.Values)
        {
            Quantity.Parse(amount);
        }
        return value;
    }

    private static KubeletOptions SetTaints(KubeletOptions options, JsonNode value) =>
        options with { Taints = [.. value.AsArray().Select(static taint => ModelJson.Parse<Taint>(taint!))] };
}
