using Kybernet.Client.Tests;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>What the kernel is told of the pods of a class together.</summary>
[Collection("real pods")]
public sealed class QosCgroupTests(RuntimeFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Classes_weigh_what_their_pods_ask_for_as_pods_come_and_go()
    {
        Assert.SkipUnless(Directory.Exists("/sys/fs/cgroup/cpu"), "the kernel has cgroup v2");
        await using var rig = await KubeletRig.StartAsync(fixture, Token, static options => options with
        {
            SystemReserved = new Dictionary<string, string> { ["cpu"] = "500m", ["memory"] = "64Mi" },
        });

        await rig.CreateAsync("first", Burstable("250m"), Token);
        await rig.CreateAsync("second", Burstable("500m"), Token);
        await rig.CreateAsync("guaranteed", """
            { "containers": [ { "name": "c", "command": ["sleep", "1000"],
                "resources": { "requests": { "cpu": "100m", "memory": "32Mi" }, "limits": { "cpu": "100m", "memory": "32Mi" } } } ] }
            """, Token);
        var pod = await rig.WaitReadyAsync("first", Token);
        await rig.WaitReadyAsync("second", Token);
        await rig.WaitReadyAsync("guaranteed", Token);

        await WaitForSharesAsync(rig, "/burstable", "768");
        await rig.WaitEventAsync("NodeAllocatableEnforced: Updated Node Allocatable limit across pods", Token);
        await WaitForSharesAsync(rig, "/besteffort", "2");
        var node = await rig.Client.GetAsync<Api.Core.V1.Node>("", rig.Options.NodeName, Token);
        await WaitForSharesAsync(rig, "", $"{(node.Status.Capacity["cpu"].MilliValue - 500) * 1024 / 1000}");
        Assert.Equal("256", Read(rig, "cpu", $"/burstable/pod{pod.Metadata.Uid}", "cpu.shares"));
        Assert.Equal(node.Status.Capacity["memory"].ToInt64() - (64L << 20), long.Parse(Read(rig, "memory", "", "memory.limit_in_bytes"), null));

        await rig.DeleteAsync("second", Token);
        await WaitForSharesAsync(rig, "/burstable", "256");
    }

    [Fact]
    public async Task What_the_runtime_has_lost_of_a_pod_ends_with_the_pod()
    {
        Assert.SkipUnless(Directory.Exists("/sys/fs/cgroup/cpu"), "the kernel has cgroup v2");
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        await rig.CreateAsync("pod", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"] } ] }""", Token);
        var pod = await rig.WaitReadyAsync("pod", Token);
        using var lost = System.Diagnostics.Process.Start("sleep", "1000");
        var group = $"/sys/fs/cgroup/memory{rig.Options.CgroupRoot}/kubepods/besteffort/pod{pod.Metadata.Uid}";
        await File.WriteAllTextAsync(Path.Combine(group, "cgroup.procs"), $"{lost.Id}", Token);

        await rig.DeleteAsync("pod", Token);

        await lost.WaitForExitAsync(Token);
        Assert.False(Directory.Exists(group));
    }

    private static string Burstable(string cpu) =>
        $$"""{ "containers": [ { "name": "c", "command": ["sleep", "1000"], "resources": { "requests": { "cpu": "{{cpu}}" } } } ] }""";

    private static Task WaitForSharesAsync(KubeletRig rig, string group, string shares) =>
        Eventually.TrueAsync(() => Read(rig, "cpu", group, "cpu.shares") == shares, $"kubepods{group} has cpu.shares {shares}");

    private static string Read(KubeletRig rig, string controller, string group, string file) =>
        File.ReadAllText($"/sys/fs/cgroup/{controller}{rig.Options.CgroupRoot}/kubepods{group}/{file}").Trim();
}
