using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Network.Dns.Forwarding;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns;

/// <summary>What names like <c>10-0-0-1.ns.pod.cluster.local</c> are answered with.</summary>
internal enum PodRecords
{
    /// <summary>Nothing.</summary>
    Disabled,

    /// <summary>The address in the name, whoever has it.</summary>
    Insecure,

    /// <summary>The address in the name, while a pod of the namespace has it.</summary>
    Verified,
}

/// <summary>What the ConfigMap <c>kube-system/kube-dns</c> says, which can be changed while the server runs.</summary>
internal sealed record ClusterDnsSettings
{
    /// <summary>The settings of a cluster without the ConfigMap.</summary>
    public static ClusterDnsSettings Default { get; } = new();

    /// <summary>The key <c>stubDomains</c>: domains that have servers of their own, as a JSON object of lists.</summary>
    public IReadOnlyList<(byte[] Domain, IReadOnlyList<IPEndPoint> Servers)> StubDomains { get; init; } = [];

    /// <summary>The key <c>upstreamNameservers</c>: the servers for all other names, as a JSON list; empty for those of the host.</summary>
    public IReadOnlyList<IPEndPoint> UpstreamServers { get; init; } = [];

    /// <summary>The key <c>pods</c>: <c>disabled</c>, <c>insecure</c> or <c>verified</c>.</summary>
    public PodRecords Pods { get; init; } = PodRecords.Insecure;

    /// <summary>The key <c>autopath</c>: whether a pod's search path is walked for it.</summary>
    public bool AutoPath { get; init; } = true;

    /// <summary>The key <c>cache</c>: for how many seconds answers of other servers are kept at the most.</summary>
    public uint CacheSeconds { get; init; } = 30;

    /// <summary>Reads the ConfigMap.</summary>
    /// <exception cref="FormatException">A value is none of those that its key takes.</exception>
    public static ClusterDnsSettings Parse(ConfigMap map) => new()
    {
        StubDomains = map.Data.TryGetValue("stubDomains", out var stubs) ? ParseStubs(stubs) : [],
        UpstreamServers = map.Data.TryGetValue("upstreamNameservers", out var servers) ? ParseServers("upstreamNameservers", Json("upstreamNameservers", servers)) : [],
        Pods = map.Data.GetValueOrDefault("pods", "insecure") switch
        {
            "disabled" => PodRecords.Disabled,
            "insecure" => PodRecords.Insecure,
            "verified" => PodRecords.Verified,
            var other => throw new FormatException($"pods: \"{other}\" is none of disabled, insecure, verified"),
        },
        AutoPath = map.Data.TryGetValue("autopath", out var autoPath)
            ? bool.TryParse(autoPath, out var on) ? on : throw new FormatException($"autopath: \"{autoPath}\" is neither true nor false")
            : Default.AutoPath,
        CacheSeconds = map.Data.TryGetValue("cache", out var cache)
            ? uint.TryParse(cache, out var seconds) ? seconds : throw new FormatException($"cache: \"{cache}\" is no number of seconds")
            : Default.CacheSeconds,
    };

    private static List<(byte[] Domain, IReadOnlyList<IPEndPoint> Servers)> ParseStubs(string text)
    {
        if (Json("stubDomains", text) is not JsonObject domains)
        {
            throw new FormatException("stubDomains is no JSON object");
        }
        return [.. domains.Select(static pair => (WireName.Parse(pair.Key), ParseServers($"stubDomains: {pair.Key}", pair.Value)))];
    }

    private static IReadOnlyList<IPEndPoint> ParseServers(string key, JsonNode? value)
    {
        if (value is not JsonArray servers)
        {
            throw new FormatException($"{key} is no JSON list");
        }
        return
        [
            .. servers.Select(server => server is JsonValue item && item.TryGetValue<string>(out var text) && HostResolver.TryParseServer(text, out var endpoint)
                ? endpoint
                : throw new FormatException($"{key}: {server?.ToJsonString() ?? "null"} is no address")),
        ];
    }

    private static JsonNode? Json(string key, string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw new FormatException($"{key} is no JSON: {e.Message}", e);
        }
    }
}
