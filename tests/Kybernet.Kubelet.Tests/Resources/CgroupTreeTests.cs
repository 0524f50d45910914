using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Tests.Resources;

/// <summary>What is written for the kernel, in a folder that stands in for its cgroups.</summary>
public sealed class CgroupTreeTests : IDisposable
{
    private const string Path = "/root/kubepods/burstable";

    private static readonly CgroupSettings Settings = new() { CpuShares = 1024, CpuQuota = 50_000, MemoryLimit = 1 << 20, MaxProcesses = 7 };

    private readonly string _mount = Directory.CreateTempSubdirectory("kybernet-cgroups-").FullName;

    [Fact]
    public void On_v2_controllers_are_handed_down_and_values_are_in_its_words()
    {
        Write("cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");
        var tree = new CgroupTree(_mount);

        tree.Create(Path);
        tree.Apply(Path, Settings);

        foreach (var above in (string[])["", "root", "root/kubepods"])
        {
            Assert.Equal("+cpu +memory +pids +cpuset", Read($"{above}/cgroup.subtree_control"));
        }
        Assert.False(File.Exists(_mount + Path + "/cgroup.subtree_control"));
        Assert.Equal(("39", "50000 100000"), (Read($"{Path}/cpu.weight"), Read($"{Path}/cpu.max")));
        Assert.Equal(("1048576", "7"), (Read($"{Path}/memory.max"), Read($"{Path}/pids.max")));
        Assert.Equal((50_000, 1 << 20), (tree.ReadLimits(Path).CpuQuota, tree.ReadLimits(Path).MemoryLimit));
    }

    [Fact]
    public void On_v1_each_controller_has_a_hierarchy_and_one_that_the_kernel_lacks_is_left_out()
    {
        Directory.CreateDirectory(System.IO.Path.Combine(_mount, "cpu"));
        Directory.CreateDirectory(System.IO.Path.Combine(_mount, "memory"));
        var tree = new CgroupTree(_mount);

        tree.Create(Path);
        tree.Apply(Path, Settings);

        Assert.Equal(("1024", "100000", "50000"), (Read($"cpu{Path}/cpu.shares"), Read($"cpu{Path}/cpu.cfs_period_us"), Read($"cpu{Path}/cpu.cfs_quota_us")));
        Assert.Equal("1048576", Read($"memory{Path}/memory.limit_in_bytes"));
        Assert.Equal(["cpu", "memory"], Directory.EnumerateFileSystemEntries(_mount).Select(static entry => System.IO.Path.GetFileName(entry)).Order());
        Assert.Equal((50_000, 1 << 20), (tree.ReadLimits(Path).CpuQuota, tree.ReadLimits(Path).MemoryLimit));
    }

    [Theory]
    [InlineData(true, "max 100000", "max")]
    [InlineData(false, "-1", "-1")]
    public void No_limit_is_written_as_each_version_spells_it_and_what_is_not_set_is_left_alone(bool isUnified, string quota, string memory)
    {
        var settings = new CgroupSettings { CpuQuota = 0, MemoryLimit = 0 };

        var files = (isUnified ? settings.Unified() : settings.Separate()).ToDictionary(static file => file.Name, static file => file.Value);

        Assert.Equal(isUnified ? 2 : 3, files.Count);
        Assert.Equal((quota, memory), isUnified ? (files["cpu.max"], files["memory.max"]) : (files["cpu.cfs_quota_us"], files["memory.limit_in_bytes"]));
    }

    public void Dispose() => Directory.Delete(_mount, recursive: true);

    private void Write(string file, string text) => File.WriteAllText($"{_mount}/{file}", text);

    private string Read(string file) => File.ReadAllText($"{_mount}/{file}");
}
