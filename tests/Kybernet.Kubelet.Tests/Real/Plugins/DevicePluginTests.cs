using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Devices.PodResourcesV1;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Tests.Real.Plugins;

/// <summary>Devices of a plugin.</summary>
[Collection("real pods")]
public sealed class DevicePluginTests(RuntimeFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_gets_devices_as_their_plugin_wants_and_nobody_else_does()
    {
        await using var rig = await StartAsync();
        var plugin = await NullPlugin.StartAsync(rig, Token, "a", "b", "c");
        rig.Plugins.Add(plugin);
        await WaitForNodeAsync(rig, capacity: "3", allocatable: "3");

        await rig.CreateAsync("user", PodOf(2), Token);
        var pod = await rig.WaitReadyAsync("user", Token);
        Assert.Equal("yes c,b\n", await rig.ExecAsync(pod, Token, "sh", "-c", "test -c /dev/test-c && test -c /dev/test-b && test -s /opt/library && echo yes $DEVICES"));
        Assert.Equal("b,c", string.Join(',', Assert.Single(plugin.Prepared).Split(',').Order(StringComparer.Ordinal)));
        var told = Assert.Single((await ListAsync(rig)).PodResources).Containers[0].Devices[0];
        Assert.Equal((NullPlugin.Resource, "b,c"), (told.ResourceName, string.Join(',', told.DeviceIds.Order(StringComparer.Ordinal))));

        await rig.CreateAsync("late", PodOf(2), Token);
        var late = await rig.WaitAsync("late", "rejected", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal("UnexpectedAdmissionError", late.Status.Reason);
        Assert.Equal(
            $"Pod was rejected: Allocate failed due to requested number of devices unavailable for {NullPlugin.Resource}. Requested: 2, Available: 1, which is unexpected", late.Status.Message);

        await rig.DeleteAsync("user", Token);
        await rig.CreateAsync("next", PodOf(3), Token);
        await rig.WaitReadyAsync("next", Token);
    }

    [Fact]
    public async Task A_device_that_fails_is_not_given_and_a_restarted_kubelet_knows_who_has_which()
    {
        await using var rig = await StartAsync();
        await using (var first = await NullPlugin.StartAsync(rig, Token, "a", "b", "c"))
        {
            await WaitForNodeAsync(rig, capacity: "3", allocatable: "3");
            await rig.CreateAsync("user", PodOf(1), Token);
            await rig.WaitReadyAsync("user", Token);
            first.Tell("a", "c");
            await WaitForNodeAsync(rig, capacity: "3", allocatable: "2");
        }
        await WaitForNodeAsync(rig, capacity: "3", allocatable: "0");

        await rig.StopAsync();
        rig.Start();
        rig.Plugins.Add(await NullPlugin.StartAsync(rig, Token, "a", "c"));
        await WaitForNodeAsync(rig, capacity: "3", allocatable: "2");
        await rig.CreateAsync("other", PodOf(1), Token);
        var other = await rig.WaitReadyAsync("other", Token);
        Assert.Equal("a\n", await rig.ExecAsync(other, Token, "sh", "-c", "echo $DEVICES"));
        Assert.Equal(["a", "c"], (await ListAsync(rig)).PodResources.SelectMany(static pod => pod.Containers[0].Devices[0].DeviceIds).Order(StringComparer.Ordinal));
    }

    private static string PodOf(int count) => $$"""
        { "restartPolicy": "Never", "containers": [ { "name": "c", "command": ["sleep", "1000"],
          "resources": { "limits": { "{{NullPlugin.Resource}}": "{{count}}" }, "requests": { "{{NullPlugin.Resource}}": "{{count}}" } } } ] }
        """;

    private Task<KubeletRig> StartAsync() =>
        KubeletRig.StartAsync(fixture, Token, static options => options with { NodeStatusPeriod = TimeSpan.FromMilliseconds(500) });

    private static Task WaitForNodeAsync(KubeletRig rig, string capacity, string allocatable) => Client.Tests.Eventually.TrueAsync(
        async () => await rig.Client.FindAsync<Node>("", rig.Options.NodeName, Token) is { } node
            && node.Status.Capacity.TryGetValue(NullPlugin.Resource, out var all) && all.ToString() == capacity
            && node.Status.Allocatable.TryGetValue(NullPlugin.Resource, out var usable) && usable.ToString() == allocatable,
        $"the node has {capacity} devices, {allocatable} to give");

    private static async Task<ListPodResourcesResponse> ListAsync(KubeletRig rig)
    {
        using var channel = CriConnection.Open(Path.Combine(rig.Options.RootDirectory, "pod-resources", "kubelet.sock"));
        return await new PodResourcesLister.PodResourcesListerClient(channel).ListAsync(new ListPodResourcesRequest(), cancellationToken: Token);
    }
}
