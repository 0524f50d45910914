using Kybernet.Client.Tests;
using Kybernet.Kubelet.Shutdown;
using Kybernet.Kubelet.Tests.Shutdown;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>A machine that is shut down while pods run on it.</summary>
[Collection("real pods")]
public sealed class ShutdownTests(RuntimeFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pods_end_in_order_before_the_machine_does_and_no_others_start()
    {
        await using var logind = await FakeLogind.StartAsync(Token);
        await using var rig = await KubeletRig.StartAsync(fixture, Token, static options => options with
        {
            ShutdownGrace = TimeSpan.FromSeconds(90), ShutdownGraceCritical = TimeSpan.FromSeconds(60),
        }, new LogindInhibitor(logind.Address, logind.ConfigurationFolder));
        const string polite = """{ "containers": [ { "name": "c", "command": ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"] } ], "terminationGracePeriodSeconds": 30""";
        await rig.CreateAsync("usual", polite + "}", Token);
        await rig.CreateAsync("critical", polite + """, "priority": 2000000000 }""", Token);
        await rig.WaitReadyAsync("usual", Token);
        await rig.WaitReadyAsync("critical", Token);
        await Eventually.TrueAsync(() => logind.Locks == 1, "shutdowns are held up");
        Assert.Equal("shutdown kubelet Kubelet needs time to handle node shutdown delay", logind.LockedBy);
        Assert.Contains("InhibitDelayMaxSec=90", await File.ReadAllTextAsync(Path.Combine(logind.ConfigurationFolder, "99-kubelet.conf"), Token), StringComparison.Ordinal);

        await logind.AnnounceAsync(true, Token);

        await logind.WaitReleasedAsync(0, Token);
        var (usual, critical) = (await rig.WaitAsync("usual", "ended", static pod => pod.Status.Phase == "Failed", Token), await rig.WaitAsync("critical", "ended", static pod => pod.Status.Phase == "Failed", Token));
        foreach (var pod in (Api.Core.V1.Pod[])[usual, critical])
        {
            Assert.Equal(("Terminated", "Pod was terminated in response to imminent node shutdown."), (pod.Status.Reason, pod.Status.Message));
            Assert.Contains(pod.Status.Conditions, static condition => condition is { Type: "DisruptionTarget", Status: "True", Reason: "TerminationByKubelet" });
        }
        Assert.True(usual.Status.ContainerStatuses[0].State!.Terminated!.FinishedAt <= critical.Status.ContainerStatuses[0].State!.Terminated!.FinishedAt);
        await rig.UntilAsync(async () => await ReadinessAsync(rig) == "False KubeletNotReady node is shutting down", "the node is not ready", Token);
        await rig.WaitEventAsync("Shutdown: Shutdown manager detected shutdown event", Token);
        await rig.WaitEventAsync($"NodeNotReady: Node {rig.Options.NodeName} status is now: NodeNotReady", Token);
        await rig.CreateAsync("late", polite + "}", Token);
        var late = await rig.WaitAsync("late", "refused", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal(("NodeShutdown", "Pod was rejected: Pod was rejected as the node is shutting down."), (late.Status.Reason, late.Status.Message));

        await logind.AnnounceAsync(false, Token);

        await Eventually.TrueAsync(() => logind.Locks == 2, "shutdowns are held up again");
        await rig.UntilAsync(async () => await ReadinessAsync(rig) == "True KubeletReady kubelet is posting ready status", "the node is ready again", Token);
    }

    private static async Task<string> ReadinessAsync(KubeletRig rig)
    {
        var node = await rig.Client.GetAsync<Api.Core.V1.Node>("", rig.Options.NodeName, Token);
        return node.Status.Conditions.Where(static condition => condition.Type == "Ready").Select(static ready => $"{ready.Status} {ready.Reason} {ready.Message}").Single();
    }
}
