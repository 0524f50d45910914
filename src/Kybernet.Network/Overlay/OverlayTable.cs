using System.Text.Json;

namespace Kybernet.Network.Overlay;

/// <summary>
/// What the kernel knows of a node's peers: for each a route to its pods, the hardware address of its end, and the address to send the wrapped packets to.
/// </summary>
/// <param name="Routes">The pods' networks, each with its gateway.</param>
/// <param name="Neighbours">The peers' ends, each with its hardware address.</param>
/// <param name="Forwarding">The hardware addresses, each with the node's address.</param>
internal sealed record OverlayTable(
    IReadOnlyDictionary<string, string> Routes, IReadOnlyDictionary<string, string> Neighbours, IReadOnlyDictionary<string, string> Forwarding)
{
    /// <summary>What it should be for some peers.</summary>
    public static OverlayTable For(IEnumerable<Peer> peers, OverlayMode mode)
    {
        var routes = new Dictionary<string, string>(StringComparer.Ordinal);
        var neighbours = new Dictionary<string, string>(StringComparer.Ordinal);
        var forwarding = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var peer in peers)
        {
            if (mode == OverlayMode.HostGateway)
            {
                routes[peer.PodCidr.ToString()] = peer.Address.ToString();
                continue;
            }
            routes[peer.PodCidr.ToString()] = peer.Gateway.ToString();
            neighbours[peer.Gateway.ToString()] = peer.HardwareAddress;
            forwarding[peer.HardwareAddress] = peer.Address.ToString();
        }
        return new OverlayTable(routes, neighbours, forwarding);
    }

    /// <summary>Reads what <c>ip -json route show proto PROTOCOL</c>, <c>ip -json neigh</c> and <c>bridge -json fdb</c> printed of the device.</summary>
    public static OverlayTable Parse(string routes, string neighbours, string forwarding) => new(
        Pairs(routes, "dst", "gateway", static destination => destination.Contains('/') ? destination : destination + "/32"),
        Pairs(neighbours, "dst", "lladdr", static destination => destination),
        Pairs(forwarding, "mac", "dst", static hardware => hardware));

    /// <summary>What <c>ip -batch</c> has to do to get from one to another: first what is new, then what is gone.</summary>
    public static string RouteCommands(OverlayTable from, OverlayTable to, OverlayOptions options)
    {
        var commands = new StringWriter();
        var via = options.Mode == OverlayMode.Vxlan ? $" dev {options.Device} onlink" : "";
        foreach (var (address, hardware) in Changed(from.Neighbours, to.Neighbours))
        {
            commands.Write($"neigh replace {address} lladdr {hardware} dev {options.Device} nud permanent\n");
        }
        foreach (var (network, gateway) in Changed(from.Routes, to.Routes))
        {
            commands.Write($"route replace {network} via {gateway}{via} proto {Protocol}\n");
        }
        foreach (var network in Gone(from.Routes, to.Routes))
        {
            commands.Write($"route delete {network} proto {Protocol}\n");
        }
        foreach (var address in Gone(from.Neighbours, to.Neighbours))
        {
            commands.Write($"neigh delete {address} dev {options.Device}\n");
        }
        return commands.ToString();
    }

    /// <summary>What <c>bridge -batch</c> has to do to get from one to another.</summary>
    public static string ForwardingCommands(OverlayTable from, OverlayTable to, OverlayOptions options)
    {
        var commands = new StringWriter();
        foreach (var (hardware, address) in Changed(from.Forwarding, to.Forwarding))
        {
            commands.Write($"fdb replace {hardware} dev {options.Device} dst {address} self permanent\n");
        }
        foreach (var hardware in Gone(from.Forwarding, to.Forwarding))
        {
            commands.Write($"fdb delete {hardware} dev {options.Device} self\n");
        }
        return commands.ToString();
    }

    /// <summary>The number that marks our routes among the kernel's (<c>rtnetlink(7)</c>, rtm_protocol): one that no routing daemon has.</summary>
    public const int Protocol = 75;

    private static IEnumerable<KeyValuePair<string, string>> Changed(IReadOnlyDictionary<string, string> from, IReadOnlyDictionary<string, string> to) =>
        to.Where(entry => from.GetValueOrDefault(entry.Key) != entry.Value);

    private static IEnumerable<string> Gone(IReadOnlyDictionary<string, string> from, IReadOnlyDictionary<string, string> to) =>
        from.Keys.Where(key => !to.ContainsKey(key));

    private static Dictionary<string, string> Pairs(string json, string key, string value, Func<string, string> normalize)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(json.Length == 0 ? "[]" : json);
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            if (entry.TryGetProperty(key, out var name) && entry.TryGetProperty(value, out var content))
            {
                pairs[normalize(name.GetString()!)] = content.GetString()!;
            }
        }
        return pairs;
    }
}
