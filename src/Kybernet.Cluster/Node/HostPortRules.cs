using System.Text;
using System.Text.RegularExpressions;
using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster.Node;

/// <summary>
/// Removes what the portmap plugin leaves in iptables for pods that were not taken down one by one: a chain for each pod with host ports,
/// and, when no cluster has any left, the chains that lead there.
/// </summary>
internal static partial class HostPortRules
{
    private const string Dispatch = "CNI-HOSTPORT-DNAT";

    /// <summary>Removes the rules of one CNI network.</summary>
    public static async Task RemoveAsync(string network, CancellationToken cancellationToken)
    {
        if (Tool.TryFind("iptables-save") is null)
        {
            return;
        }

        var table = await Tool.RunCheckedAsync("iptables-save", ["-t", "nat"], "", cancellationToken);
        if (Removal(table, network) is { Length: > 0 } removal)
        {
            await Tool.RunCheckedAsync("iptables-restore", ["--noflush"], removal, cancellationToken);
            await RemoveEmptyTableAsync(cancellationToken);
        }
    }

    /// <summary>What to feed to iptables-restore; empty for nothing to remove.</summary>
    internal static string Removal(string table, string network)
    {
        var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var ours = lines.Where(line => line.StartsWith($"-A {Dispatch} ", StringComparison.Ordinal)
            && line.Contains($"\\\"{network}\\\"", StringComparison.Ordinal)).ToList();
        var chains = ours.Select(static line => Target().Match(line).Groups[1].Value).Where(static chain => chain.Length > 0).ToHashSet(StringComparer.Ordinal);
        var othersRemain = lines.Any(line => line.StartsWith($"-A {Dispatch} ", StringComparison.Ordinal) && !ours.Contains(line));
        var deleted = new List<string>(ours);
        if (!othersRemain)
        {
            // Nobody has a host port any more: the jumps to the plugin's own chains go, and then those.
            var shared = lines.Where(static line => line.StartsWith(":CNI-HOSTPORT-", StringComparison.Ordinal)).Select(static line => line[1..line.IndexOf(' ')]);
            chains.UnionWith(shared);
            deleted.AddRange(lines.Where(line => line.StartsWith("-A ", StringComparison.Ordinal) && !ours.Contains(line)
                && chains.Contains(Target().Match(line).Groups[1].Value) && !chains.Contains(line.Split(' ')[1])));
        }
        if (deleted.Count == 0 && chains.Count == 0)
        {
            return "";
        }

        var script = new StringBuilder("*nat\n");
        foreach (var rule in deleted)
        {
            script.Append("-D ").Append(rule.AsSpan("-A ".Length)).Append('\n');
        }
        foreach (var chain in chains)
        {
            script.Append("-F ").Append(chain).Append('\n');
        }
        foreach (var chain in chains)
        {
            script.Append("-X ").Append(chain).Append('\n');
        }
        return script.Append("COMMIT\n").ToString();
    }

    /// <summary>A table that the plugin made, and that has no rule now, goes too.</summary>
    private static async Task RemoveEmptyTableAsync(CancellationToken cancellationToken)
    {
        var table = await Tool.RunAsync("nft", ["list", "table", "ip", "nat"], "", cancellationToken);
        var lines = table.Output.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0);
        var isEmpty = lines.All(static line => line.StartsWith("table ", StringComparison.Ordinal)
            || line.StartsWith("chain ", StringComparison.Ordinal)
            || line.StartsWith("type ", StringComparison.Ordinal)
            || line.StartsWith('#')
            || line == "}");
        if (table.Succeeded && isEmpty)
        {
            await Tool.RunCheckedAsync("nft", ["delete", "table", "ip", "nat"], "", cancellationToken);
        }
    }

    [GeneratedRegex(@" -j (\S+)")]
    private static partial Regex Target();
}
