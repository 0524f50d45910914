using System.Text.RegularExpressions;
using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster.Node;

/// <summary>Finds and undoes mounts.</summary>
internal static partial class MountTable
{
    /// <summary>Unmounts everything at or below a folder, the newest first. Lazily: a process that still looks in must not keep a cluster from going down.</summary>
    public static async Task UnmountBelowAsync(string folder, CancellationToken cancellationToken)
    {
        var mounts = Below(await File.ReadAllTextAsync("/proc/self/mountinfo", cancellationToken), folder);
        foreach (var mount in mounts)
        {
            await Tool.RunCheckedAsync("umount", ["--lazy", mount], "", cancellationToken);
        }
    }

    /// <summary>The mount points at or below a folder, the newest first.</summary>
    internal static IReadOnlyList<string> Below(string mountInfo, string folder) =>
    [
        .. mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => Unescape(line.Split(' ')[4]))
            .Where(mount => mount == folder || mount.StartsWith(folder + "/", StringComparison.Ordinal))
            .Reverse(),
    ];

    private static string Unescape(string path) => OctalEscape().Replace(path, static match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex OctalEscape();
}
