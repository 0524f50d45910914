using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Cluster.Processes;
using Kybernet.Network.Overlay;
using Kybernet.Network.Policies;

namespace Kybernet.Cluster.Node;

/// <summary>
/// The network of this node's pods: a link from each to the machine, made by the CNI plugins, and one nft table that lets pods reach what is beyond the
/// cluster under the machine's address.
/// </summary>
/// <param name="data">Which cluster.</param>
/// <param name="network">The cluster's network.</param>
/// <param name="nodeAddress">The address that other nodes know this one by.</param>
internal sealed class PodNetwork(DataDirectory data, ClusterNetwork network, IPAddress nodeAddress)
{
    /// <summary>Where Debian's containernetworking-plugins are.</summary>
    public const string PluginDirectory = "/usr/lib/cni";

    private static readonly string[] Plugins = ["ptp", "host-local", "portmap", "loopback"];

    /// <summary>The name of the cluster's nft table.</summary>
    public string Table => TableName(data);

    /// <summary>The name of the interface that leads to other nodes' pods: 15 characters, the most that an interface may have.</summary>
    public static string OverlayName(DataDirectory data) => $"kyb-vx-{data.Identity}";

    /// <summary>The name of a cluster's nft table and CNI network.</summary>
    public static string TableName(DataDirectory data) => $"kybernet-{data.Identity}";

    /// <summary>How a cluster's network policies are enforced on a node.</summary>
    public static NetworkPolicyOptions PolicyOptions(DataDirectory data, string nodeName) =>
        new() { NodeName = nodeName, Table = $"kybernet-policy-{data.Identity}" };

    /// <summary>The name of the nft table of a cluster's Services.</summary>
    public static string ServiceTableName(DataDirectory data) => TableName(data) + "-services";

    /// <summary>
    /// Writes the nft table, and what containerd makes the CNI configuration of once it is told the node's part of the pods' addresses. Where another
    /// plugin takes the network's place, its configuration is used instead, and nothing is written.
    /// </summary>
    /// <exception cref="ClusterException">A plugin is not installed.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (var plugin in Plugins)
        {
            if (!File.Exists(Path.Combine(PluginDirectory, plugin)))
            {
                throw new ClusterException($"the CNI plugin {plugin} is not in {PluginDirectory}")
                {
                    Hint = "Install it: apt-get install containernetworking-plugins",
                };
            }
        }

        Directory.CreateDirectory(data.CniConfiguration);
        if (network.Mode is null)
        {
            return;
        }
        await File.WriteAllTextAsync(data.CniTemplate, Conflist(), cancellationToken);
        await Tool.RunCheckedAsync("nft", ["-f", "-"], NatTable(), cancellationToken);
    }

    /// <summary>Removes the overlay's interface, the nft tables, the rules for host ports and the addresses that were given out.</summary>
    public static async Task RemoveAsync(DataDirectory data, CancellationToken cancellationToken)
    {
        // None need exist: a cluster of one node has no overlay.
        await Tool.RunAsync("ip", ["link", "delete", OverlayName(data)], "", cancellationToken);
        await Tool.RunAsync("nft", ["delete", "table", "ip", TableName(data)], "", cancellationToken);
        await Tool.RunAsync("nft", ["delete", "table", "inet", PolicyOptions(data, nodeName: "").Table], "", cancellationToken);
        await Tool.RunAsync("nft", ["delete", "table", "inet", ServiceTableName(data)], "", cancellationToken);
        await HostPortRules.RemoveAsync(TableName(data), cancellationToken);
        if (Directory.Exists(data.CniState))
        {
            Directory.Delete(data.CniState, recursive: true);
        }
    }

    private string Conflist()
    {
        // A link of its own for each pod, so that all its packets are routed: those to a pod of the same node too pass through the kernel's rules, which
        // on a bridge would take a module that not every machine has.
        var link = new JsonObject
        {
            ["type"] = JsonValue.Create("ptp"),
            ["mtu"] = JsonValue.Create(OverlayHost.MtuOf(nodeAddress) - (network.Mode == OverlayMode.Vxlan ? OverlayHost.VxlanOverhead : 0)),
            // Masquerading is the nft table's: the plugin would leave iptables rules behind.
            ["ipMasq"] = JsonValue.Create(false),
            ["ipam"] = new JsonObject
            {
                ["type"] = JsonValue.Create("host-local"),
                ["dataDir"] = JsonValue.Create(data.CniState),
                ["ranges"] = new JsonArray(new JsonArray(new JsonObject { ["subnet"] = JsonValue.Create("{{.PodCIDR}}") })),
                ["routes"] = new JsonArray(new JsonObject { ["dst"] = JsonValue.Create("0.0.0.0/0") }),
            },
        };
        var portmap = new JsonObject
        {
            ["type"] = JsonValue.Create("portmap"),
            ["capabilities"] = new JsonObject { ["portMappings"] = JsonValue.Create(true) },
        };
        var conflist = new JsonObject
        {
            ["cniVersion"] = JsonValue.Create("1.0.0"),
            ["name"] = JsonValue.Create(TableName(data)),
            ["plugins"] = new JsonArray(link, portmap),
        };
        // A template of Go's: braces must come as they are.
        return conflist.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    /// <summary>The whole table in one transaction, whether it was there or not.</summary>
    private string NatTable() =>
        $$"""
        table ip {{Table}}
        delete table ip {{Table}}
        table ip {{Table}} {
          chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            ip saddr {{network.PodCidr}} ip daddr != {{network.PodCidr}} ip daddr != 224.0.0.0/4 masquerade
          }
        }

        """;
}
