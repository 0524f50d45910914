using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Cluster.Node;
using Kybernet.Cluster.Pki;

namespace Kybernet.Cluster.Joining;

/// <summary>What a node knows of the cluster that it joined, so that its next start needs neither the token nor, for its running pods, the server.</summary>
/// <param name="Server">The API server's address.</param>
/// <param name="Authority">The certificate of the cluster's authority, as PEM.</param>
/// <param name="NodeName">The node's name.</param>
/// <param name="KubeletPort">The port of the kubelet.</param>
/// <param name="Network">The cluster's network.</param>
internal sealed record AgentSettings(Uri Server, string Authority, string NodeName, int KubeletPort, ClusterNetwork Network)
{
    /// <summary>What was kept; null where the node has not joined yet.</summary>
    /// <exception cref="ClusterException">The file cannot be understood.</exception>
    public static AgentSettings? Load(DataDirectory data)
    {
        if (!File.Exists(data.AgentSettings))
        {
            return null;
        }
        try
        {
            var json = JsonNode.Parse(File.ReadAllBytes(data.AgentSettings))!.AsObject();
            return new AgentSettings(
                new Uri((string)json["server"]!),
                (string)json["certificateAuthority"]!,
                (string)json["nodeName"]!,
                (int)json["kubeletPort"]!,
                ClusterNetwork.Read(json));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentNullException or FormatException)
        {
            throw new ClusterException($"{data.AgentSettings} cannot be read: {e.Message}", e)
            {
                Hint = "It was made when this node joined. Put it right, or delete it and join again.",
            };
        }
    }

    /// <summary>Keeps it.</summary>
    public void Save(DataDirectory data)
    {
        var json = new JsonObject
        {
            ["server"] = JsonValue.Create(Server.GetLeftPart(UriPartial.Authority)),
            ["certificateAuthority"] = JsonValue.Create(Authority),
            ["nodeName"] = JsonValue.Create(NodeName),
            ["kubeletPort"] = JsonValue.Create(KubeletPort),
        };
        Network.Write(json);
        SecretFile.Write(data.AgentSettings, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }
}
