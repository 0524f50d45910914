using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Kybernet.Api.Yaml;
using Kybernet.Cluster.Node;
using Kybernet.Network.Services;

namespace Kybernet.Cluster.ServiceProxy;

/// <summary>What <c>kybernet kube-proxy</c> is told, by flags or by a KubeProxyConfiguration; the names are upstream's.</summary>
public sealed record ProxySettings
{
    /// <summary>The path of the kubeconfig; empty inside a cluster, where the pod's ServiceAccount is used.</summary>
    public string Kubeconfig { get; init; } = "";

    /// <summary>The API server's address, instead of the kubeconfig's.</summary>
    public string Master { get; init; } = "";

    /// <summary>The Node's name; empty for the machine's.</summary>
    public string HostnameOverride { get; init; } = "";

    /// <summary>The addresses of pods, divided by commas.</summary>
    public string ClusterCidr { get; init; } = "";

    /// <summary>The addresses that node ports are served at; none, or <c>primary</c>, for those of the Node.</summary>
    public IReadOnlyList<string> NodePortAddresses { get; init; } = [];

    /// <summary>How packets are led: only <c>nftables</c> is known.</summary>
    public string Mode { get; init; } = "nftables";

    /// <summary>Whether all that goes to a cluster address is masqueraded.</summary>
    public bool MasqueradeAll { get; init; }

    /// <summary>The bit of a packet's mark that says that it is to be masqueraded.</summary>
    public int MasqueradeBit { get; init; } = 14;

    /// <summary>Where health checks are answered.</summary>
    public string HealthzBindAddress { get; init; } = "0.0.0.0:10256";

    /// <summary>Where metrics are served.</summary>
    public string MetricsBindAddress { get; init; } = "127.0.0.1:10249";

    /// <summary>Reads a KubeProxyConfiguration.</summary>
    /// <exception cref="ClusterException">It is none.</exception>
    public static ProxySettings Load(string path)
    {
        if (YamlReader.Read(File.ReadAllText(path)) is not JsonObject json
            || (string?)json["kind"] != "KubeProxyConfiguration" || (string?)json["apiVersion"] != "kubeproxy.config.k8s.io/v1alpha1")
        {
            throw new ClusterException($"{path} is no KubeProxyConfiguration of kubeproxy.config.k8s.io/v1alpha1");
        }
        var fallback = new ProxySettings();
        var nftables = json["nftables"] as JsonObject;
        return new ProxySettings
        {
            Kubeconfig = (string?)json["clientConnection"]?["kubeconfig"] ?? "",
            HostnameOverride = (string?)json["hostnameOverride"] ?? "",
            ClusterCidr = (string?)json["clusterCIDR"] ?? "",
            NodePortAddresses = [.. (json["nodePortAddresses"] as JsonArray ?? []).Select(static address => (string?)address ?? "")],
            Mode = (string?)json["mode"] is { Length: > 0 } mode ? mode : fallback.Mode,
            MasqueradeAll = (bool?)nftables?["masqueradeAll"] ?? false,
            MasqueradeBit = (int?)nftables?["masqueradeBit"] ?? fallback.MasqueradeBit,
            HealthzBindAddress = (string?)json["healthzBindAddress"] is { Length: > 0 } healthz ? healthz : fallback.HealthzBindAddress,
            MetricsBindAddress = (string?)json["metricsBindAddress"] is { Length: > 0 } metrics ? metrics : fallback.MetricsBindAddress,
        };
    }

    /// <summary>What the proxy is started with.</summary>
    /// <exception cref="ClusterException">Something is not what it should be.</exception>
    internal ServiceProxyOptions ToOptions()
    {
        if (Mode != "nftables")
        {
            throw new ClusterException($"\"{Mode}\" is no mode that this proxy has") { Hint = "There is one: nftables." };
        }
        return new ServiceProxyOptions
        {
            NodeName = HostnameOverride.Length > 0 ? HostnameOverride.Trim().ToLowerInvariant() : HostNetwork.NodeName(),
            Table = "kube-proxy",
            ClusterCidrs = [.. ClusterCidr.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(NetworkOf)],
            NodePortAddresses = [.. NodePortAddresses.Where(static address => address is not ("" or "primary")).Select(NetworkOf)],
            MasqueradeAll = MasqueradeAll,
            MasqueradeBit = MasqueradeBit,
            StatusAddresses = [.. ((string[])[HealthzBindAddress, MetricsBindAddress]).Where(static address => address.Length > 0).Select(EndPointOf).Distinct()],
        };
    }

    private static IPNetwork NetworkOf(string text) => IPNetwork.TryParse(text, out var network)
        ? network
        : throw new ClusterException($"\"{text}\" is no network") { Hint = "One is written by its first address, as in 10.244.0.0/16." };

    private static IPEndPoint EndPointOf(string text) => IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port > 0
        ? endPoint
        : throw new ClusterException(string.Create(CultureInfo.InvariantCulture, $"\"{text}\" is no address with a port"));
}
