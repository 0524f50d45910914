using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>What goes wrong under pods while they start.</summary>
[Collection("real pods")]
public sealed class FaultTests(RuntimeFixture fixture)
{
    private const string Sleeper = """
        { "initContainers": [ { "name": "before", "command": ["true"] } ],
          "containers": [ { "name": "c", "command": ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"] } ] }
        """;

    private static readonly string[] Starting = ["one", "two", "three"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_network_that_fails_is_told_and_tried_again_until_it_is_mended()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        Pod pod;
        using (fixture.BreakNetwork())
        {
            pod = await rig.CreateAsync("cut-off", Sleeper, Token);
            await rig.WaitEventAsync("FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox ", Token);
            Assert.Contains(await rig.EventsAsync(Token), static told => told.Contains("plugin type=\"bridge\" failed (add): the network is broken", StringComparison.Ordinal));
            var waiting = (await rig.FindAsync("cut-off", Token))!;
            Assert.Equal("Pending", waiting.Status.Phase);
            Assert.Contains(waiting.Status.Conditions, static condition => condition is { Type: "PodReadyToStartContainers", Status: "False" });
        }

        await rig.WaitReadyAsync("cut-off", Token);
        await ExpectOneOfEachAsync(rig, pod);
    }

    [Fact]
    public async Task A_containerd_that_is_killed_while_pods_start_leaves_each_with_one_container()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        await rig.CreateAsync("stays", Sleeper, Token);
        var before = await rig.WaitReadyAsync("stays", Token);
        var pods = await CreateAsync(rig);
        await rig.UntilAsync(async () => (await rig.Runtime.ListSandboxesAsync(null, Token)).Count > 1, "a pod starts", Token);

        await fixture.KillAndRestartAsync(Token);

        foreach (var pod in pods)
        {
            await rig.WaitReadyAsync(pod.Metadata.Name!, Token);
            await ExpectOneOfEachAsync(rig, pod);
        }
        var after = await rig.WaitReadyAsync("stays", Token);
        Assert.Equal(before.Status.ContainerStatuses[0].ContainerID, after.Status.ContainerStatuses[0].ContainerID);
        Assert.Equal(0, after.Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task A_kubelet_that_ends_while_pods_start_goes_on_where_it_was()
    {
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        var pods = await CreateAsync(rig);

        // At one moment and another of their start: a sandbox is there, a container is, one runs.
        foreach (var moment in (Func<Task<bool>>[])
        [
            async () => (await rig.Runtime.ListSandboxesAsync(null, Token)).Count > 0,
            async () => (await rig.Runtime.ListContainersAsync(null, Token)).Count > 0,
            async () => (await rig.Runtime.ListContainersAsync(null, Token)).Any(static container => container is { Name: "c" }),
        ])
        {
            await rig.UntilAsync(moment, "the pods' start goes on", Token);
            await rig.StopAsync();
            rig.Start();
        }

        foreach (var pod in pods)
        {
            await rig.WaitReadyAsync(pod.Metadata.Name!, Token);
            await ExpectOneOfEachAsync(rig, pod);
        }
    }

    private static async Task<IReadOnlyList<Pod>> CreateAsync(KubeletRig rig)
    {
        var pods = new List<Pod>();
        foreach (var name in Starting)
        {
            pods.Add(await rig.CreateAsync(name, Sleeper, Token));
        }
        return pods;
    }

    private static async Task ExpectOneOfEachAsync(KubeletRig rig, Pod pod)
    {
        var running = (await rig.Runtime.ListContainersAsync(pod.Metadata.Uid, Token)).Where(static container => container.State == ContainerRunState.Running);
        Assert.Equal("c", Assert.Single(running).Name);
        Assert.Single(await rig.Runtime.ListSandboxesAsync(pod.Metadata.Uid, Token), static sandbox => sandbox.IsReady);
    }
}
