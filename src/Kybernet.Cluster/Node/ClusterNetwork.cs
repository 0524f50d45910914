using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Network.Overlay;

namespace Kybernet.Cluster.Node;

/// <summary>What every node of a cluster has to know of its network. A node that joins reads it from a ConfigMap.</summary>
/// <param name="PodCidr">The addresses of all pods; each node has a part of them.</param>
/// <param name="ServiceCidr">The addresses of Services.</param>
/// <param name="Identifier">The number of the overlay, of 24 bits.</param>
/// <param name="Mode">How packets get to other nodes; null where another CNI plugin sees to it.</param>
internal sealed record ClusterNetwork(string PodCidr, string ServiceCidr, int Identifier, OverlayMode? Mode)
{
    /// <summary>The namespace of the ConfigMap.</summary>
    public const string MapNamespace = "kube-system";

    /// <summary>The name of the ConfigMap.</summary>
    public const string MapName = "kybernet-network";

    /// <summary>The domain that Services' names end in.</summary>
    public const string Domain = "cluster.local";

    private const int NodePrefixLength = 24;

    /// <summary>The address of the cluster's DNS: the tenth of the Services'.</summary>
    public IPAddress DnsAddress => Nth(ServiceCidr, 10);

    /// <summary>The address of the Service <c>kubernetes</c>: the first.</summary>
    public IPAddress ApiAddress => Nth(ServiceCidr, 1);

    /// <summary>The part of the pods' addresses that the first node has.</summary>
    public string FirstNodeCidr
    {
        get
        {
            var all = IPNetwork.Parse(PodCidr);
            return new IPNetwork(all.BaseAddress, Math.Max(all.PrefixLength, NodePrefixLength)).ToString();
        }
    }

    /// <summary>How it is kept for nodes that join.</summary>
    public ConfigMap ToConfigMap() => new()
    {
        Metadata = new ObjectMeta { Namespace = MapNamespace, Name = MapName },
        Data = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["podSubnet"] = PodCidr,
            ["serviceSubnet"] = ServiceCidr,
            ["identifier"] = Identifier.ToString(CultureInfo.InvariantCulture),
            ["mode"] = NameOf(Mode),
        },
    };

    /// <summary>Reads it back.</summary>
    /// <exception cref="ClusterException">Something is missing or wrong.</exception>
    public static ClusterNetwork Of(ConfigMap map)
    {
        string Value(string key) => map.Data.GetValueOrDefault(key)
            ?? throw new ClusterException($"the ConfigMap {MapNamespace}/{MapName} does not say {key}") { Hint = "Is the server of the same version as this agent?" };
        return new ClusterNetwork(
            Value("podSubnet"), Value("serviceSubnet"), int.Parse(Value("identifier"), CultureInfo.InvariantCulture), ModeOf(Value("mode")));
    }

    /// <summary>Puts it among the settings that are kept.</summary>
    public void Write(JsonObject settings)
    {
        settings["podCIDR"] = JsonValue.Create(PodCidr);
        settings["serviceCIDR"] = JsonValue.Create(ServiceCidr);
        settings["network"] = JsonValue.Create(NameOf(Mode));
        settings["networkIdentifier"] = JsonValue.Create(Identifier);
    }

    /// <summary>Finds it among the settings that were kept.</summary>
    /// <exception cref="ArgumentNullException">Something is missing.</exception>
    /// <exception cref="InvalidOperationException">Something is of another type.</exception>
    public static ClusterNetwork Read(JsonObject settings) => new(
        (string)settings["podCIDR"]!, (string)settings["serviceCIDR"]!, (int)settings["networkIdentifier"]!, ModeOf((string)settings["network"]!));

    /// <summary>What the command line calls a way for packets to get to other nodes.</summary>
    public static string NameOf(OverlayMode? mode) => mode switch
    {
        OverlayMode.Vxlan => "vxlan",
        OverlayMode.HostGateway => "host-gw",
        _ => "none",
    };

    /// <summary>What a name on the command line means.</summary>
    /// <exception cref="ClusterException">It means nothing.</exception>
    public static OverlayMode? ModeOf(string name) => name switch
    {
        "vxlan" => OverlayMode.Vxlan,
        "host-gw" => OverlayMode.HostGateway,
        "none" => null,
        _ => throw new ClusterException($"\"{name}\" is no kind of pod network") { Hint = "There are vxlan, host-gw and none." },
    };

    private static IPAddress Nth(string cidr, byte index)
    {
        var bytes = IPNetwork.Parse(cidr).BaseAddress.GetAddressBytes();
        bytes[^1] += index;
        return new IPAddress(bytes);
    }
}
