namespace Kybernet.EndToEnd.Fixture;

/// <summary>What a cluster that is down must not have left in the machine.</summary>
internal static class Leftovers
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    public static async Task AssertNoneAsync(string dataDir, CancellationToken cancellationToken)
    {
        var identity = new Cluster.DataDirectory(dataDir).Identity;
        foreach (var (what, command) in new Dictionary<string, string>
        {
            ["processes"] = $"grep -lz -e {dataDir} -e kybernet-{identity} /proc/[0-9]*/cmdline 2>/dev/null | grep -v -e /self/ -e /$$/ || true",
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
}
