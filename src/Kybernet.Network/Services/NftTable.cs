using System.Net;
using Kybernet.Network.Processes;
using Kybernet.Network.Services.Rules;

namespace Kybernet.Network.Services;

/// <summary>The proxy's table in the kernel. Every change to it is one transaction: there or not there, never half.</summary>
internal sealed class NftTable(ServiceProxyOptions options)
{
    /// <summary>Puts a table with some contents in place of whatever is there. Connections do not notice: where theirs go is kept by the kernel itself.</summary>
    /// <exception cref="NetworkToolException">The kernel refuses.</exception>
    public Task ReplaceAsync(IEnumerable<IPAddress> nodePortAddresses, IReadOnlyList<RuleChange> contents, CancellationToken cancellationToken) =>
        RunAsync(TableSkeleton.Script(options, nodePortAddresses) + RuleScript.Of(options.Table, contents), cancellationToken);

    /// <summary>Makes some changes.</summary>
    /// <exception cref="NetworkToolException">The kernel refuses: the table is not what it is thought to be.</exception>
    public Task ApplyAsync(IReadOnlyList<RuleChange> changes, CancellationToken cancellationToken) =>
        changes.Count == 0 ? Task.CompletedTask : RunAsync(RuleScript.Of(options.Table, changes), cancellationToken);

    /// <summary>Whether the table is there.</summary>
    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        var tables = await NetworkTool.RunCheckedAsync("nft", ["list", "tables", "inet"], "", cancellationToken);
        return tables.Split('\n').Contains($"table inet {options.Table}");
    }

    private static Task RunAsync(string script, CancellationToken cancellationToken) =>
        NetworkTool.RunCheckedAsync("nft", ["-f", "-"], script, cancellationToken);
}
