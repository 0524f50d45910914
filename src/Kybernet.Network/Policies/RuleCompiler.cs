using System.Globalization;
using System.Net;
using Kybernet.Api.Networking.V1;
using Kybernet.Api.Selectors;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Policies;

/// <summary>Makes nft rules of a policy's rules: one for each pair of a peer and a port.</summary>
/// <param name="ns">The policy's namespace.</param>
internal sealed class RuleCompiler(string ns)
{
    private readonly HashSet<AddressSet> _sets = [];

    /// <summary>The sets that the rules until now name.</summary>
    public IReadOnlySet<AddressSet> Sets => _sets;

    /// <summary>The rules that accept what one rule of a policy allows.</summary>
    public IEnumerable<string> Compile(Direction direction, IReadOnlyList<NetworkPolicyPeer> peers, IReadOnlyList<NetworkPolicyPort> ports)
    {
        foreach (var peer in peers.Count == 0 ? [new Match(null, "")] : peers.SelectMany(peer => PeerMatches(direction, peer)))
        {
            foreach (var port in ports.Count == 0 ? [new Match(null, "")] : ports.SelectMany(PortMatches))
            {
                if (peer.Family is null || port.Family is null || peer.Family == port.Family)
                {
                    yield return $"{peer.Text}{port.Text}accept";
                }
            }
        }
    }

    private IEnumerable<Match> PeerMatches(Direction direction, NetworkPolicyPeer peer)
    {
        if (peer.IpBlock is { } block)
        {
            return BlockMatches(direction, block);
        }
        var pods = peer.PodSelector is { } selector ? Selector.From(selector) : Selector.Everything;
        AddressSet set = peer.NamespaceSelector is { } namespaces ? new PeerSet(Selector.From(namespaces), pods) : new PeerSet(ns, pods);
        _sets.Add(set);
        return IPFamily.All.Select(family => new Match(family, $"{family.Header} {direction.PeerField} @{set.NameOf(family)} "));
    }

    private static IEnumerable<Match> BlockMatches(Direction direction, IPBlock block)
    {
        var network = ParseNetwork(block.Cidr);
        var family = IPFamily.Of(network.BaseAddress);
        var field = $"{family.Header} {direction.PeerField}";
        var text = $"{field} {network} ";
        if (block.Except.Count > 0)
        {
            text += $"{field} != {{ {string.Join(", ", Widest(block.Except.Select(ParseNetwork)))} }} ";
        }
        yield return new Match(family, text);
    }

    /// <summary>Networks either lie in each other or have nothing in common; nft wants the elements of a set to have nothing in common.</summary>
    private static List<IPNetwork> Widest(IEnumerable<IPNetwork> networks)
    {
        var widest = new List<IPNetwork>();
        foreach (var network in networks.OrderBy(static network => network.PrefixLength))
        {
            if (!widest.Exists(wider => wider.Contains(network.BaseAddress)))
            {
                widest.Add(network);
            }
        }
        return widest;
    }

    private IEnumerable<Match> PortMatches(NetworkPolicyPort port)
    {
        var protocol = Protocols.Of(port.Protocol);
        switch (port.Port)
        {
            case null:
                return [new Match(null, $"meta l4proto {protocol} ")];
            case { IsInt: true } number:
                var last = port.EndPort is { } end && end > number.IntValue ? string.Create(CultureInfo.InvariantCulture, $"-{end}") : "";
                return [new Match(null, string.Create(CultureInfo.InvariantCulture, $"{protocol} dport {number.IntValue}{last} "))];
            case { } name:
                var set = new NamedPortSet(protocol, name.StringValue!);
                _sets.Add(set);
                // The port is the destination's in both directions.
                return IPFamily.All.Select(family => new Match(family, $"{family.Header} daddr . {protocol} dport @{set.NameOf(family)} "));
        }
    }

    /// <summary>As the API server takes it: also with bits set that the prefix does not have.</summary>
    private static IPNetwork ParseNetwork(string cidr)
    {
        var slash = cidr.IndexOf('/', StringComparison.Ordinal);
        var bytes = IPAddress.Parse(cidr.AsSpan(0, slash)).GetAddressBytes();
        var length = int.Parse(cidr.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }
        return new IPNetwork(new IPAddress(bytes), length);
    }

    /// <summary>A part of a rule.</summary>
    /// <param name="Family">The version of the internet protocol that it is about; null for both.</param>
    /// <param name="Text">What nft matches, and a space.</param>
    private sealed record Match(IPFamily? Family, string Text);
}
