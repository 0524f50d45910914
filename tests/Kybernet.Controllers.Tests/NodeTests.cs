using Kybernet.Api.Coordination.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

public sealed class NodeTests : ClusterTest
{
    private protected override ControllerOptions Options => new()
    {
        NodeMonitorPeriod = TimeSpan.FromMilliseconds(30),
        NodeMonitorGracePeriod = TimeSpan.FromMilliseconds(600),
    };

    [Fact]
    public async Task A_silent_node_becomes_unknown_and_its_pods_not_ready_and_are_evicted_when_their_time_is_up()
    {
        var (silent, alive) = ("node", "other");
        await CreateNodeAsync(silent);
        await CreateNodeAsync(alive);
        await Client.CreateAsync(Pod("patient", 3600), Cancellation);
        await Client.CreateAsync(Pod("hasty", 0), Cancellation);
        await Eventually.TrueAsync(() => List<Pod>("a").Count(pod => pod.IsReady()) == 2, "the pods are ready");
        using var stop = new CancellationTokenSource();
        var renewing = RenewAsync(alive, stop.Token);

        await Eventually.TrueAsync(() => Ready(silent).Status == "Unknown", "it is silent");
        Assert.Equal(("NodeStatusUnknown", "Kubelet stopped posting node status."), (Ready(silent).Reason, Ready(silent).Message));
        await Eventually.TrueAsync(() => !Find<Pod>("a", "patient")!.IsReady(), "its pod is not ready");
        await Eventually.TrueAsync(
            () => Find<Node>("", silent)!.Spec.Taints.Select(taint => $"{taint.Key}:{taint.Effect}").Order().SequenceEqual(
                ["node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule"]),
            "it is tainted");
        await Eventually.TrueAsync(() => Find<Pod>("a", "hasty") is null, "the pod that does not tolerate it is evicted");
        Assert.NotNull(Find<Pod>("a", "patient"));
        Assert.Equal("True", Ready(alive).Status);
        Assert.Empty(Find<Node>("", alive)!.Spec.Taints);

        var back = Find<Node>("", silent)!;
        await Client.UpdateStatusAsync(back with { Status = ReadyStatus() }, Cancellation);
        await Eventually.TrueAsync(() => Find<Node>("", silent)!.Spec.Taints.Count == 0, "the taints are gone");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
    }

    [Fact]
    public async Task Where_no_node_answers_no_pod_is_evicted()
    {
        await CreateNodeAsync("node");
        await Client.CreateAsync(Pod("hasty", 0), Cancellation);
        await Eventually.TrueAsync(() => Find<Node>("", "node")!.Spec.Taints is [{ Effect: "NoSchedule", Key: "node.kubernetes.io/unreachable" }], "it is tainted");
        Assert.NotNull(Find<Pod>("a", "hasty"));
    }

    [Fact]
    public async Task A_cordoned_node_and_one_under_pressure_are_tainted()
    {
        await CreateNodeAsync("node");
        await ChangeAsync<Node>("", "node", node => node with { Spec = node.Spec with { Unschedulable = true } });
        await Eventually.TrueAsync(() => Find<Node>("", "node")!.Spec.Taints.Any(taint => taint is { Key: "node.kubernetes.io/unschedulable", Effect: "NoSchedule" }), "the taint");
        await ChangeAsync<Node>("", "node", node => node with { Spec = node.Spec with { Unschedulable = null } });
        await Eventually.TrueAsync(() => Find<Node>("", "node")!.Spec.Taints.All(taint => taint.Key != "node.kubernetes.io/unschedulable"), "the taint is gone");
    }

    [Fact]
    [Trait("Conformance", "pod-eviction-toleration-limits")]
    [Trait("Conformance", "taint-pod-eviction-on-taint-removal")]
    public async Task Each_pod_is_evicted_when_its_own_time_is_up_and_not_at_all_when_the_taint_goes_before()
    {
        await CreateNodeAsync("node");
        await Client.CreateAsync(Tolerating("soon", 1), Cancellation);
        await Client.CreateAsync(Tolerating("late", 3600), Cancellation);
        await Eventually.TrueAsync(() => List<Pod>("a").Count(pod => pod.IsReady()) == 2, "the pods are ready");
        await ChangeAsync<Node>("", "node", node => node with { Spec = node.Spec with { Taints = [.. node.Spec.Taints, new Taint { Key = "example.com/out", Effect = "NoExecute" }] } });
        var tainted = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => Find<Pod>("a", "soon") is null, "its time is up");
        Assert.True(TimeProvider.System.GetElapsedTime(tainted) >= TimeSpan.FromSeconds(0.9));
        Assert.NotNull(Find<Pod>("a", "late"));
        await ChangeAsync<Node>("", "node", node => node with { Spec = node.Spec with { Taints = [.. node.Spec.Taints.Where(taint => taint.Key != "example.com/out")] } });
        await Eventually.TrueAsync(() => HasEvent("TaintManagerEviction", "Cancelling deletion of Pod a/late"), "it stays");
        Assert.Null(Find<Pod>("a", "late")!.Metadata.DeletionTimestamp);
    }

    private static Pod Tolerating(string name, long seconds)
    {
        var pod = Pod(name, seconds);
        return pod with { Spec = pod.Spec with { Tolerations = [pod.Spec.Tolerations[0] with { Key = "example.com/out" }] } };
    }

    private static Pod Pod(string name, long seconds) => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = name },
        Spec = new PodSpec
        {
            NodeName = "node",
            Containers = [new Container { Name = "c", Image = "good" }],
            Tolerations = [new Toleration { Key = "node.kubernetes.io/unreachable", Operator = "Exists", Effect = "NoExecute", TolerationSeconds = seconds }],
        },
    };

    private static NodeStatus ReadyStatus() => new()
    {
        Conditions = [new NodeCondition { Type = "Ready", Status = "True", Reason = "KubeletReady", LastHeartbeatTime = TimeProvider.System.GetUtcNow().AddSeconds(Random.Shared.Next(1000)) }],
    };

    private async Task CreateNodeAsync(string name)
    {
        await Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = name }, Status = ReadyStatus() }, Cancellation);
        await Client.CreateAsync(new Lease { Metadata = new ObjectMeta { Namespace = "kube-node-lease", Name = name } }, Cancellation);
    }

    private NodeCondition Ready(string node) => Find<Node>("", node)!.Status.Conditions.Single(condition => condition.Type == "Ready");

    private async Task RenewAsync(string node, CancellationToken cancellationToken)
    {
        while (true)
        {
            var lease = Find<Lease>("kube-node-lease", node)!;
            await Client.UpdateAsync(lease with { Spec = lease.Spec with { RenewTime = TimeProvider.System.GetUtcNow() } }, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }
}
