using System.Globalization;
using System.Net;
using System.Text;

namespace Kybernet.Network.Services.Rules;

/// <summary>
/// The part of the table that does not depend on Services. Its hooks and their priorities are those of upstream's proxy: what filters runs just before the
/// kernel's own translation of destinations, so that it sees the addresses that the sender wrote.
/// </summary>
internal static class TableSkeleton
{
    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    /// <summary>The commands that put a table with nothing but the skeleton in place of whatever table of the name is there.</summary>
    /// <param name="options">What the proxy was told.</param>
    /// <param name="nodePortAddresses">The addresses that node ports are served at.</param>
    public static string Script(ServiceProxyOptions options, IEnumerable<IPAddress> nodePortAddresses)
    {
        var addresses = nodePortAddresses.ToLookup(static address => address.AddressFamily);
        var script = new StringBuilder();
        script.Append($"table inet {options.Table}\ndelete table inet {options.Table}\ntable inet {options.Table} {{\n");
        foreach (var family in IPFamily.All)
        {
            AppendMaps(script, family, addresses[family.AddressFamily]);
        }
        script.Append(Chains(1 << options.MasqueradeBit));
        script.Append("chain cluster-sources {\n");
        foreach (var family in IPFamily.All)
        {
            AppendClusterSources(script, family, options);
        }
        return script.Append("}\n}\n").ToString();
    }

    private static void AppendMaps(StringBuilder script, IPFamily family, IEnumerable<IPAddress> nodePortAddresses)
    {
        var (s, type) = (family.Suffix, family.AddressType);
        const string port = "inet_proto . inet_service";
        string[] byAddress = [TableNames.ServiceIPs, TableNames.NoEndpointServices, TableNames.FirewallIPs];
        string[] byPort = [TableNames.ServiceNodePorts, TableNames.NoEndpointNodePorts];
        foreach (var name in byAddress)
        {
            script.Append($"map {name}{s} {{ type {type} . {port} : verdict; }}\n");
        }
        foreach (var name in byPort)
        {
            script.Append($"map {name}{s} {{ type {port} : verdict; }}\n");
        }
        foreach (var protocol in Protocols)
        {
            AppendEndpointMaps(script, family, protocol);
        }
        script.Append($"set {TableNames.ClusterIPs}{s} {{ type {type}; }}\n");
        script.Append($"set {TableNames.Hairpin}{s} {{ type {type} . {type}; }}\n");
        script.Append($"set {TableNames.NodePortIPs}{s} {{ type {type}; ");
        if (string.Join(", ", nodePortAddresses) is { Length: > 0 } addresses)
        {
            script.Append($"elements = {{ {addresses} }}; ");
        }
        script.Append("}\n");
    }

    /// <summary>
    /// The maps of endpoints. Each is given its type by example, because a plain number is a type without a name; and as an example of a port is one of
    /// some protocol, and limits the rules that use the map to it, each protocol has its own.
    /// </summary>
    private static void AppendEndpointMaps(StringBuilder script, IPFamily family, string protocol)
    {
        var (ip, port) = (family.Keyword, $"{protocol} dport");
        foreach (var name in (string[])[TableNames.Endpoints, TableNames.LocalEndpoints])
        {
            script.Append($"map {name}{protocol}-{family.Suffix} {{ typeof {ip} daddr . meta l4proto . {port} . numgen random mod 2 : {ip} daddr . {port}; }}\n");
        }
        foreach (var name in (string[])[TableNames.NodePortEndpoints, TableNames.LocalNodePortEndpoints])
        {
            script.Append($"map {name}{protocol}-{family.Suffix} {{ typeof meta l4proto . {port} . numgen random mod 2 : {ip} daddr . {port}; }}\n");
        }
    }

    private static string Chains(int mark)
    {
        var bit = mark.ToString("x", CultureInfo.InvariantCulture);
        return $$"""
            chain {{TableNames.MarkForMasquerade}} { meta mark set meta mark or 0x{{bit}}; }
            chain {{TableNames.Reject}} { reject; }
            chain cluster-sources { }
            chain services {
              jump cluster-sources
              ip daddr . meta l4proto . th dport vmap @{{TableNames.ServiceIPs}}4
              ip6 daddr . meta l4proto . th dport vmap @{{TableNames.ServiceIPs}}6
              ip daddr @{{TableNames.NodePortIPs}}4 meta l4proto . th dport vmap @{{TableNames.ServiceNodePorts}}4
              ip6 daddr @{{TableNames.NodePortIPs}}6 meta l4proto . th dport vmap @{{TableNames.ServiceNodePorts}}6
            }
            chain endpoints-check {
              ip daddr . meta l4proto . th dport vmap @{{TableNames.NoEndpointServices}}4
              ip6 daddr . meta l4proto . th dport vmap @{{TableNames.NoEndpointServices}}6
              ip daddr @{{TableNames.NodePortIPs}}4 meta l4proto . th dport vmap @{{TableNames.NoEndpointNodePorts}}4
              ip6 daddr @{{TableNames.NodePortIPs}}6 meta l4proto . th dport vmap @{{TableNames.NoEndpointNodePorts}}6
            }
            chain cluster-ips-check {
              ip daddr @{{TableNames.ClusterIPs}}4 reject
              ip6 daddr @{{TableNames.ClusterIPs}}6 reject
            }
            chain firewall-check {
              ip daddr . meta l4proto . th dport vmap @{{TableNames.FirewallIPs}}4
              ip6 daddr . meta l4proto . th dport vmap @{{TableNames.FirewallIPs}}6
            }
            chain filter-prerouting { type filter hook prerouting priority dstnat - 10; ct state new jump firewall-check; }
            chain filter-input { type filter hook input priority -110; ct state new jump endpoints-check; }
            chain filter-forward { type filter hook forward priority -110; ct state new jump endpoints-check; ct state new jump cluster-ips-check; }
            chain filter-output { type filter hook output priority -110; ct state new jump endpoints-check; ct state new jump firewall-check; }
            chain filter-output-post-dnat { type filter hook output priority -90; ct state new jump cluster-ips-check; }
            chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }
            chain nat-output { type nat hook output priority -100; jump services; }
            chain nat-postrouting {
              type nat hook postrouting priority srcnat;
              ct status dnat ip saddr . ip daddr @{{TableNames.Hairpin}}4 masquerade fully-random
              ct status dnat ip6 saddr . ip6 daddr @{{TableNames.Hairpin}}6 masquerade fully-random
              meta mark and 0x{{bit}} == 0 return
              meta mark set meta mark xor 0x{{bit}}
              masquerade fully-random
            }

            """;
    }

    /// <summary>What is no pod reaches cluster addresses under this node's address: the answers have to come back here.</summary>
    private static void AppendClusterSources(StringBuilder script, IPFamily family, ServiceProxyOptions options)
    {
        var toClusterIPs = $"{family.Keyword} daddr @{TableNames.ClusterIPs}{family.Suffix} jump {TableNames.MarkForMasquerade}\n";
        if (options.MasqueradeAll)
        {
            script.Append(toClusterIPs);
        }
        else if (Pods(family, options) is { } pods)
        {
            script.Append($"{family.Keyword} saddr != {pods} {toClusterIPs}");
        }
    }

    /// <summary>An nft set of the pods' addresses of a family; null where they are not known.</summary>
    public static string? Pods(IPFamily family, ServiceProxyOptions options)
    {
        var networks = options.ClusterCidrs.Where(network => network.BaseAddress.AddressFamily == family.AddressFamily).ToList();
        return networks.Count == 0 ? null : $"{{ {string.Join(", ", networks)} }}";
    }
}
