using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Tests.Pods;

public sealed class PodPlannerTests : IProbeResults
{
    private readonly HashSet<string> _dead = [];
    private readonly HashSet<string> _notStarted = [];

    [Fact]
    public void A_pod_that_is_not_there_gets_a_sandbox_first()
    {
        var plan = Plan(Pod("Always", [], ["a"]), PodRuntimeState.Nothing);

        Assert.Equal((true, false, 0u), (plan.CreateSandbox, plan.KillAll, plan.Attempt));
        Assert.Empty(plan.ToStart);
    }

    [Fact]
    public void A_sandbox_that_died_is_replaced_after_what_is_left_is_stopped()
    {
        var plan = Plan(Pod("Always", [], ["a"]), State([Sandbox(2, isReady: false)], [Ended("a", 1)]));

        Assert.Equal((true, true, 3u), (plan.CreateSandbox, plan.KillAll, plan.Attempt));
    }

    [Fact]
    public void A_pod_that_never_restarts_is_over_when_its_sandbox_died()
    {
        var plan = Plan(Pod("Never", [], ["a"]), State([Sandbox(0, isReady: false)], [Ended("a", 0)]));

        Assert.Equal((false, true), (plan.CreateSandbox, plan.KillAll));
    }

    [Fact]
    [Trait("Conformance", "init-container-starts-app-restartalways-pod")]
    public void Init_containers_go_one_by_one_and_then_all_others()
    {
        var pod = Pod("Always", ["i", "j"], ["a", "b"]);

        Assert.Equal(["i"], Starts(pod));
        Assert.Equal([], Starts(pod, Running("i")));
        Assert.Equal(["j"], Starts(pod, Ended("i", 0)));
        Assert.Equal(["a", "b"], Starts(pod, Ended("j", 0), Ended("i", 0)));
    }

    [Fact]
    [Trait("Conformance", "init-container-fails-stops-app-restartalways-pod")]
    public void An_init_container_that_failed_is_tried_again_or_ends_the_pod()
    {
        Assert.Equal(["i"], Starts(Pod("Always", ["i"], ["a"]), Ended("i", 1)));
        Assert.Equal(["i"], Starts(Pod("OnFailure", ["i"], ["a"]), Ended("i", 1)));
        Assert.True(Plan(Pod("Never", ["i"], ["a"]), State([Sandbox(0)], [Ended("i", 1)])).KillAll);
    }

    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("Always", 1, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("Never", 1, false)]
    public void Whether_a_container_runs_again_is_its_pods_policy(string policy, int exitCode, bool again)
    {
        var pod = Pod(policy, [], ["a", "b"]);

        Assert.Equal(again ? ["a"] : [], Starts(pod, Ended("a", exitCode), Running("b")));
        Assert.Equal(!again, Plan(Pod(policy, [], ["a"]), State([Sandbox(0)], [Ended("a", exitCode)])).KillAll);
    }

    [Fact]
    public void A_container_that_is_no_longer_alive_is_stopped_and_says_why()
    {
        _dead.Add("a");
        var kill = Assert.Single(Plan(Pod("Always", [], ["a", "b"]), State([Sandbox(0)], [Running("a"), Running("b")])).ToKill);

        Assert.Equal(("a", "Container a failed liveness probe, will be restarted"), (kill.Container.Name, kill.Message));
    }

    [Fact]
    public void A_container_whose_image_changed_is_stopped_and_says_why()
    {
        var pod = Pod("Always", [], ["a"]);
        var old = Running("a") with { Annotations = new Dictionary<string, string> { [RuntimeLabels.Hash] = "other" } };

        Assert.Equal("Container a definition changed, will be restarted", Assert.Single(Plan(pod, State([Sandbox(0)], [old])).ToKill).Message);
    }

    [Fact]
    public void A_sidecar_is_up_before_the_next_starts_and_does_not_keep_the_pod_alive()
    {
        var pod = Pod("Never", ["side"], ["a"]);
        pod = pod with { Spec = pod.Spec with { InitContainers = [pod.Spec.InitContainers[0] with { RestartPolicy = "Always" }] } };

        Assert.Equal(["side"], Starts(pod));
        _notStarted.Add("side");
        Assert.Equal([], Starts(pod, Running("side")));
        _notStarted.Clear();
        Assert.Equal(["a"], Starts(pod, Running("side")));
        Assert.True(Plan(pod, State([Sandbox(0)], [Ended("a", 0), Running("side")])).KillAll);
        Assert.Equal(["side"], Starts(pod, Running("a"), Ended("side", 0)));
    }

    public bool IsStarted(string podUid, Container container, string containerId) => !_notStarted.Contains(container.Name);

    public bool IsReady(string podUid, Container container, string containerId) => true;

    public bool HasFailedLiveness(string podUid, Container container, string containerId) => _dead.Contains(container.Name);

    public bool HasFailedStartup(string podUid, Container container, string containerId) => false;

    internal static Pod Pod(string policy, string[] init, string[] app) => new()
    {
        Metadata = new ObjectMeta { Name = "p", Namespace = "ns", Uid = "uid" },
        Spec = new PodSpec
        {
            RestartPolicy = policy,
            InitContainers = [.. init.Select(static name => new Container { Name = name, Image = "x" })],
            Containers = [.. app.Select(static name => new Container { Name = name, Image = "x" })],
        },
    };

    private PodPlan Plan(Pod pod, PodRuntimeState state) => new PodPlanner(this, new NodeResources(2000, 8L << 30, 0)).Plan(pod, state);

    private string[] Starts(Pod pod, params ContainerRecord[] containers) =>
        [.. Plan(pod, State([Sandbox(0)], containers)).ToStart.Select(static container => container.Name)];

    private static PodRuntimeState State(SandboxRecord[] sandboxes, ContainerRecord[] containers) => new(sandboxes, containers);

    private static SandboxRecord Sandbox(uint attempt, bool isReady = true) =>
        new("sandbox", new PodIdentity("ns", "p", "uid"), attempt, isReady, DateTimeOffset.UnixEpoch) { Annotations = new Dictionary<string, string>(), Addresses = ["10.0.0.9"] };

    private static ContainerRecord Running(string name) => new()
    {
        Id = name,
        SandboxId = "sandbox",
        Name = name,
        State = ContainerRunState.Running,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Image = "x",
        ImageRef = "x",
        Annotations = new Dictionary<string, string>
        {
            [RuntimeLabels.Hash] = ContainerConfigBuilder.HashOf(new Container { Name = name, Image = "x" }),
            [RuntimeLabels.RestartCount] = 0.ToString(CultureInfo.InvariantCulture),
        },
    };

    private static ContainerRecord Ended(string name, int exitCode) => Running(name) with { State = ContainerRunState.Exited, ExitCode = exitCode };
}
