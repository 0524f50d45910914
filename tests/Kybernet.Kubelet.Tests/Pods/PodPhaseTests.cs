using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Pods;

namespace Kybernet.Kubelet.Tests.Pods;

public sealed class PodPhaseTests
{
    private static readonly ContainerStatus Running = new() { State = new ContainerState { Running = new ContainerStateRunning() }, Started = true };
    private static readonly ContainerStatus Waiting = new() { State = new ContainerState { Waiting = new ContainerStateWaiting() } };
    private static readonly ContainerStatus BackedOff = Waiting with { LastState = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = 1 } } };

    [Fact]
    [Trait("Conformance", "container-runtime-restart-policy-pod-phases")]
    public void Containers_states_amount_to_a_phase()
    {
        Assert.Equal("Pending", Of("Always", [], [Waiting]));
        Assert.Equal("Pending", Of("Always", [], [Running, Waiting]));
        Assert.Equal("Running", Of("Always", [], [Running]));
        Assert.Equal("Running", Of("Always", [], [BackedOff]));
        Assert.Equal("Running", Of("Always", [], [Ended(0)]));
        Assert.Equal("Running", Of("OnFailure", [], [Ended(0), Ended(1)]));
        Assert.Equal("Succeeded", Of("OnFailure", [], [Ended(0), Ended(0)]));
        Assert.Equal("Succeeded", Of("Never", [], [Ended(0)]));
        Assert.Equal("Failed", Of("Never", [], [Ended(0), Ended(2)]));
        Assert.Equal("Running", Of("Never", [], [Ended(2), Running]));
    }

    [Fact]
    public void Init_containers_keep_a_pod_pending_or_fail_it()
    {
        Assert.Equal("Pending", Of("Always", [Running], [Waiting]));
        Assert.Equal("Pending", Of("Always", [BackedOff], [Waiting]));
        Assert.Equal("Failed", Of("Never", [Ended(1)], [Waiting]));
        Assert.Equal("Running", Of("Never", [Ended(0)], [Running]));
    }

    [Fact]
    public void A_pod_that_was_ended_before_its_containers_ran_has_failed()
    {
        Assert.Equal("Failed", PodPhase.Of(PodPlannerTests.Pod("Always", [], ["a"]), [], [Waiting], isOver: true));
        Assert.Equal("Succeeded", PodPhase.Of(PodPlannerTests.Pod("Always", [], ["a"]), [], [Ended(0)], isOver: true));
    }

    private static ContainerStatus Ended(int exitCode) => new() { State = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = exitCode } } };

    private static string Of(string policy, ContainerStatus[] init, ContainerStatus[] app) =>
        PodPhase.Of(PodPlannerTests.Pod(policy, [.. init.Select(static (_, i) => $"i{i}")], [.. app.Select(static (_, i) => $"a{i}")]), init, app, isOver: false);
}
