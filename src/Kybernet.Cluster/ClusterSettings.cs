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

    /// <summary>What was chosen before; null at the first start.</summary>
    public static ClusterSettings? Load(DataDirectory data)
    {
        if (!File.Exists(data.Settings))
        {
            return null;
        }

        try
        {
            var json = JsonNode.Parse(File.ReadAllBytes(data.Settings))!.AsObject();
            return new ClusterSettings
            {
                NodeName = (string)json["nodeName"]!,
                HttpsPort = (int)json["httpsPort"]!,
                KubeletPort = (int)json["kubeletPort"]!,
                Network = ClusterNetwork.Read(json),
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
        };
        Network.Write(json);
        SecretFile.Write(data.Settings, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }
}
