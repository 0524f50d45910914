using Kybernet.Network.Nftables;

namespace Kybernet.Network.Policies;

/// <summary>
/// The nft table that network policies are enforced with.
/// <list type="number">
/// <item>A packet from a pod goes through <c>from-pods</c> on its way to another address, or through <c>from-pods-to-node</c>; one to a pod then through
/// <c>to-pods</c>. Each looks the pod's address up in a map of verdicts, once, however many pods there are.</item>
/// <item>A pod that no policy is about is mapped to <c>accept</c>. All others are mapped to the chain of the policies that are about them: it asks each
/// policy's chain, and drops what none accepts. Pods that the same policies are about share a chain.</item>
/// <item>A policy's chain holds what it allows.</item>
/// </list>
/// Guarantees: an address of this node's part of the pod network that is in no map is dropped, and the kubelet starts no container of a pod before the
/// pod's address is in the maps: it alone knows the address by then, since the pod's status tells of it later. So no pod sends or receives before its rules are there.
/// <c>accept</c> ends one base chain only: what egress allows is still judged by ingress. The judgement comes after destination NAT, so of a Service's
/// backends, not of its address, and before source NAT. A node's own packets to its pods (probes) pass through none of the chains. Packets of connections
/// that stand are not judged again, as in Calico.
/// Assumes that pods of a node reach each other through its routing, not over a bridge.
/// </summary>
internal static class PolicyTable
{
    private const string Established = "ct state established,related accept";

    /// <summary>Makes the table of a node without pods.</summary>
    public static NftTable Create(NetworkPolicyOptions options)
    {
        var table = new NftTable("inet", options.Table);
        foreach (var family in IPFamily.All)
        {
            table.AddSet(NetworksOf(family), "set", $"{family.AddressType}; flags interval");
            table.AddSet(DnsOf(family), "set", $"{family.AddressType} . inet_service");
            foreach (var direction in Direction.All)
            {
                table.AddSet(MapOf(direction, family), "map", $"{family.AddressType} : verdict");
            }
        }
        table.SetChain("from-pods", new NftChain(
            "type filter hook forward priority filter;", [Established, .. NotForged, .. ToDns, .. Judge(Direction.Egress)]));
        table.SetChain("to-pods", new NftChain(
            "type filter hook forward priority filter + 1;", [Established, .. Judge(Direction.Ingress)]));
        // What the node says to itself may come from the addresses that its ends of the pods' links have. Neighbours are found by these messages.
        table.SetChain("from-pods-to-node", new NftChain(
            "type filter hook input priority filter;",
            [
                "iif lo accept", Established, "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
                .. NotForged, .. ToDns, .. Judge(Direction.Egress),
            ]));
        return table;
    }

    /// <summary>The set of this node's parts of the pod network.</summary>
    public static string NetworksOf(IPFamily family) => $"pods{family.Version}";

    /// <summary>The set of where the cluster's DNS answers, unless it is pods that do.</summary>
    public static string DnsOf(IPFamily family) => $"dns{family.Version}";

    /// <summary>
    /// A DNS that is a process of a node has no labels, and a port of its own: no policy that lets pods ask the DNS, as such policies are written, means it.
    /// </summary>
    private static IEnumerable<string> ToDns =>
        IPFamily.All.Select(static family => $"meta l4proto {{ tcp, udp }} {family.Header} daddr . th dport @{DnsOf(family)} accept");

    /// <summary>A pod of this node that takes another's address sends on the wrong link.</summary>
    private static IEnumerable<string> NotForged =>
        IPFamily.All.Select(static family => $"{family.Header} saddr @{NetworksOf(family)} fib saddr . iif oif missing drop");

    /// <summary>The map from pods' addresses to verdicts.</summary>
    public static string MapOf(Direction direction, IPFamily family) => $"{direction.Word}{family.Version}";

    private static IEnumerable<string> Judge(Direction direction) =>
    [
        .. IPFamily.All.Select(family => $"{family.Header} {direction.PodField} vmap @{MapOf(direction, family)}"),
        .. IPFamily.All.Select(family => $"{family.Header} {direction.PodField} @{NetworksOf(family)} drop"),
    ];
}
