using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Cluster.Node;
using Kybernet.Cluster.Pki;

namespace Kybernet.Cluster;

/// <summary>What was chosen at a cluster's first start and holds from then on, so that a later start finds its pods' network again.</summary>
internal sealed record ClusterSettings
{
    /// <summary>The node's name.</summary>
    public required string NodeName { get; init; }

    /// <summary>The port of the API server.</summary>
    public required int HttpsPort { get; init; }

    /// <summary>The port of the kubelet; 0 where there is no node yet.</summary>
    public required int KubeletPort { get; init; }

    /// <summary>The network of pods and Services.</summary>
    public required ClusterNetwork Network { get; init; }

    /// <summary>The port of this machine that Ingresses are served at, for HTTP.</summary>
    public required int IngressHttpPort { get; init; }

    /// <summary>The same, for HTTPS.</summary>
    public required int IngressHttpsPort { get; init; }

    /// <summary>The etcd that keeps the objects; null for the store in the data directory.</summary>
    public Datastore? Datastore { get; init; }

    /// <summary>The API server's flags, by their names.</summary>
    public IReadOnlyDictionary<string, string> ApiServerFlags { get; init; } = new Dictionary<string, string>();

    /// <summary>What was chosen before; null at the first start.</summary>
    public static ClusterSettings? Load(DataDirectory data)
    {
        if (!File.Exists(data.Settings))
        {
            return null;
        }

        try
        {
            // A field that is absent and a file that holds no object fail the same way as one of the wrong type.
            var json = JsonNode.Parse(File.ReadAllBytes(data.Settings)) as JsonObject ?? throw new FormatException("it holds no JSON object");
            T Read<T>(string field) => (json[field] ?? throw new FormatException($"{field} is missing")).GetValue<T>();
            return new ClusterSettings
            {
                NodeName = Read<string>("nodeName"),
                HttpsPort = Read<int>("httpsPort"),
                KubeletPort = Read<int>("kubeletPort"),
                IngressHttpPort = Read<int>("ingressHTTPPort"),
                IngressHttpsPort = Read<int>("ingressHTTPSPort"),
                Network = ClusterNetwork.Read(json),
                Datastore = Datastore.Read(json),
                ApiServerFlags = (json["apiServerFlags"] as JsonObject ?? []).ToDictionary(static flag => flag.Key, static flag => flag.Value!.GetValue<string>()),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentNullException or FormatException)
        {
            throw new ClusterException($"{data.Settings} cannot be read: {e.Message}", e)
            {
                Hint = "It was made by an earlier start. Put it right, or delete it to have it made again.",
            };
        }
    }

    /// <summary>Keeps the choice.</summary>
    public void Save(DataDirectory data)
    {
        var json = new JsonObject
        {
            ["nodeName"] = JsonValue.Create(NodeName),
            ["httpsPort"] = JsonValue.Create(HttpsPort),
            ["kubeletPort"] = JsonValue.Create(KubeletPort),
            ["ingressHTTPPort"] = JsonValue.Create(IngressHttpPort),
            ["ingressHTTPSPort"] = JsonValue.Create(IngressHttpsPort),
        };
        Network.Write(json);
        Datastore?.Write(json);
        if (ApiServerFlags.Count > 0)
        {
            json["apiServerFlags"] = new JsonObject(ApiServerFlags.Select(static flag => KeyValuePair.Create(flag.Key, (JsonNode?)JsonValue.Create(flag.Value))));
        }
        SecretFile.Write(data.Settings, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }
}
