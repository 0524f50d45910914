namespace Kybernet.EndToEnd.Fixture;

/// <summary>What a cluster that is down must not have left in the machine.</summary>
internal static class Leftovers
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    public static async Task AssertNoneAsync(string dataDir, CancellationToken cancellationToken)
    {
        var identity = new Cluster.DataDirectory(dataDir).Identity;
        var processes = Processes(dataDir, identity);
        Assert.True(processes.Length == 0, $"down left processes:\n{processes}");
        foreach (var (what, command) in new Dictionary<string, string>
        {
            ["mounts"] = $"grep -e {dataDir} -e kybernet-{identity} /proc/self/mountinfo || true",
            ["network namespaces"] = $"ip netns list 2>/dev/null | grep {identity} || true",
            ["interfaces"] = $"ip -br link | grep kyb-{identity} || true",
            ["nft tables"] = $"nft list tables | grep {identity} || true",
            ["control groups"] = $"find /sys/fs/cgroup -maxdepth 2 -name 'kybernet-{identity}' || true",
            ["sockets and state"] = $"ls -d /run/kybernet-{identity} 2>/dev/null || true",
        })
        {
            var found = await Shell.RunAsync("/bin/sh", ["-c", command], "", NoEnvironment, cancellationToken);
            Assert.True(found.Succeeded().Trim().Length == 0, $"down left {what}:\n{found.Output}");
        }
    }

    /// <summary>The command lines of the processes that name the cluster.</summary>
    private static string Processes(string dataDir, string identity)
    {
        var found = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(static folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                var command = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
                if (command.Contains(dataDir, StringComparison.Ordinal) || command.Contains($"kybernet-{identity}", StringComparison.Ordinal))
                {
                    found.Add($"{Path.GetFileName(folder)} {command}");
                }
            }
            catch (IOException)
            {
                // It ended in the meantime.
            }
        }
        return string.Join('\n', found);
    }
}
