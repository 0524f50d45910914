using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>What DaemonSets do.</summary>
public class DaemonSetTests : ClusterTest
{
    [Fact]
    [Trait("Conformance", "daemonset-creation")]
    public async Task Each_node_has_one_pod_which_comes_back_when_it_is_deleted()
    {
        await CreateNodesAsync(3);
        await Client.CreateAsync(Set(), Cancellation);
        await ReadyAsync(3);
        Assert.Equal(["n1", "n2", "n3"], List<Pod>("a").Select(static pod => pod.Spec.NodeName).Order());
        var pod = List<Pod>("a")[0];
        Assert.Contains(pod.Spec.Tolerations, static toleration => toleration is { Key: "node.kubernetes.io/unschedulable", Operator: "Exists", Effect: "NoSchedule" });
        Assert.Equal("agent-", pod.Metadata.GenerateName);
        await Client.DeleteAsync<Pod>("a", pod.Metadata.Name!, DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<Pod>("a", pod.Metadata.Name!) is null, "it goes");
        await ReadyAsync(3);
        await Client.CreateAsync(Node("n4"), Cancellation);
        await ReadyAsync(4);
    }

    [Fact]
    [Trait("Conformance", "daemonset-nodeselection")]
    public async Task Pods_follow_the_labels_of_nodes()
    {
        await CreateNodesAsync(2);
        await Client.CreateAsync(Set(static spec => spec with { Template = Selecting("blue") }), Cancellation);
        await Eventually.TrueAsync(() => Status.ObservedGeneration == 1 || Find<DaemonSet>("a", "agent")!.Metadata.Generation is null, "it is seen");
        Assert.Empty(List<Pod>("a"));
        await LabelAsync("n1", "blue");
        await ReadyAsync(1);
        await LabelAsync("n1", "green");
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 0, "its pod goes");
        await ChangeAsync<DaemonSet>("a", "agent", static set => set with { Spec = set.Spec with { Template = Selecting("green") } });
        await ReadyAsync(1);
        Assert.Equal("n1", List<Pod>("a").Single().Spec.NodeName);
    }

    [Fact]
    [Trait("Conformance", "daemonset-failedpodcreation")]
    public async Task A_pod_that_failed_is_replaced()
    {
        await CreateNodesAsync(2);
        await Client.CreateAsync(Set(), Cancellation);
        await ReadyAsync(2);
        var pod = List<Pod>("a")[0];
        await Client.UpdateStatusAsync(pod with { Status = pod.Status with { Phase = "Failed" } }, Cancellation);
        await Eventually.TrueAsync(() => Find<Pod>("a", pod.Metadata.Name!) is null, "it goes");
        await ReadyAsync(2);
        await Eventually.TrueAsync(
            () => HasEvent("FailedDaemonPod", $"Found failed daemon pod a/{pod.Metadata.Name} on node {pod.Spec.NodeName}, will try to kill it"), "the event");
    }

    [Fact]
    [Trait("Conformance", "daemonset-rollingupdate")]
    public async Task A_changed_template_replaces_pods_as_far_as_they_may_be_missed()
    {
        await CreateNodesAsync(4);
        await Client.CreateAsync(Set(), Cancellation);
        await ReadyAsync(4);
        var least = 4;
        await ChangeTemplateAsync("better");
        await Eventually.TrueAsync(
            () =>
            {
                least = Math.Min(least, List<Pod>("a").Count(static pod => pod.Metadata.DeletionTimestamp is null && pod.IsReady()));
                return Status is { UpdatedNumberScheduled: 4, NumberAvailable: 4 } && Images() == "better better better better";
            },
            "the update is complete");
        Assert.InRange(least, 3, 4);
        Assert.Equal([1L, 2L], List<ControllerRevision>("a").Select(static revision => revision.Revision).Order());
    }

    [Fact]
    public async Task With_surge_the_new_pod_is_ready_before_the_old_one_goes()
    {
        await CreateNodesAsync(3);
        await Client.CreateAsync(
            Set(static spec => spec with
            {
                UpdateStrategy = new DaemonSetUpdateStrategy
                {
                    Type = "RollingUpdate", RollingUpdate = new RollingUpdateDaemonSet { MaxSurge = 1, MaxUnavailable = 0 },
                },
            }),
            Cancellation);
        await ReadyAsync(3);
        var (least, most) = (3, 3);
        await ChangeTemplateAsync("better");
        await Eventually.TrueAsync(
            () =>
            {
                var pods = List<Pod>("a");
                most = Math.Max(most, pods.Count(static pod => pod.Metadata.DeletionTimestamp is null));
                least = Math.Min(least, pods.Count(static pod => pod.Metadata.DeletionTimestamp is null && pod.IsReady()));
                return Status is { UpdatedNumberScheduled: 3, NumberAvailable: 3 } && Images() == "better better better";
            },
            "the update is complete");
        Assert.Equal(3, least); // never one less, which only a surge allows
        Assert.InRange(most, 3, 4); // whoever looks now and then may miss the moment of the fourth
    }

    [Fact]
    [Trait("Conformance", "daemonset-rollback")]
    public async Task Rolling_back_replaces_only_the_pods_that_the_bad_update_had_changed()
    {
        await CreateNodesAsync(4);
        await Client.CreateAsync(Set(), Cancellation);
        await ReadyAsync(4);
        await ChangeTemplateAsync(FakeKubelet.BrokenImage);
        await Eventually.TrueAsync(() => Images() == "broken good good good" && Status.NumberReady == 3, "the update is stuck");
        var kept = List<Pod>("a").Where(static pod => pod.IsReady()).Select(static pod => pod.Metadata.Uid!).ToHashSet();
        await ChangeTemplateAsync("good");
        await ReadyAsync(4);
        Assert.Equal(3, List<Pod>("a").Count(pod => kept.Contains(pod.Metadata.Uid!)));
        Assert.Equal([2L, 3L], List<ControllerRevision>("a").Select(static revision => revision.Revision).Order());
    }

    [Fact]
    public async Task With_OnDelete_only_pods_that_somebody_deletes_are_updated()
    {
        await CreateNodesAsync(2);
        await Client.CreateAsync(Set(static spec => spec with { UpdateStrategy = new DaemonSetUpdateStrategy { Type = "OnDelete" } }), Cancellation);
        await ReadyAsync(2);
        await ChangeTemplateAsync("better");
        await Eventually.TrueAsync(() => List<ControllerRevision>("a").Count == 2, "the template is seen");
        await Client.DeleteAsync<Pod>("a", List<Pod>("a")[0].Metadata.Name!, DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Images() == "better good" && Status.NumberReady == 2, "only the deleted one is new");
    }

    [Fact]
    public async Task A_taint_keeps_pods_away_and_one_that_evicts_ends_them()
    {
        await CreateNodesAsync(1);
        await Client.CreateAsync(Node("n2") with { Spec = new NodeSpec { Taints = [new Taint { Key = "gpu", Effect = "NoSchedule" }] } }, Cancellation);
        await Client.CreateAsync(Set(), Cancellation);
        await ReadyAsync(1);
        await ChangeAsync<Node>("", "n1", static node => node with { Spec = node.Spec with { Taints = [new Taint { Key = "gpu", Effect = "NoSchedule" }] } });
        await Eventually.TrueAsync(() => Status is { DesiredNumberScheduled: 0, NumberMisscheduled: 1 }, "it counts as misplaced");
        await ChangeAsync<Node>("", "n1", static node => node with { Spec = node.Spec with { Taints = [new Taint { Key = "gpu", Effect = "NoExecute" }] } });
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 0, "it goes");
    }

    private DaemonSetStatus Status => Find<DaemonSet>("a", "agent")!.Status;

    private static DaemonSet Set(Func<DaemonSetSpec, DaemonSetSpec>? change = null)
    {
        var spec = new DaemonSetSpec
        {
            Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "agent" } },
            Template = Template("agent", "good"),
            UpdateStrategy = new DaemonSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateDaemonSet { MaxSurge = 0, MaxUnavailable = 1 } },
        };
        return new DaemonSet { Metadata = new ObjectMeta { Namespace = "a", Name = "agent" }, Spec = change is null ? spec : change(spec) };
    }

    private static PodTemplateSpec Selecting(string colour)
    {
        var template = Template("agent", "good");
        return template with { Spec = template.Spec with { NodeSelector = new Dictionary<string, string> { ["colour"] = colour } } };
    }

    private static Node Node(string name) => new() { Metadata = new ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["name"] = name } } };

    private async Task CreateNodesAsync(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await Client.CreateAsync(Node($"n{i}"), Cancellation);
        }
    }

    private Task LabelAsync(string node, string colour) => ChangeAsync<Node>(
        "", node, found => found with { Metadata = found.Metadata with { Labels = new Dictionary<string, string> { ["colour"] = colour } } });

    private Task ReadyAsync(int count) => Eventually.TrueAsync(
        () => Status is { } status && status.NumberReady == count && status.DesiredNumberScheduled == count && status.NumberAvailable == count
            && status.UpdatedNumberScheduled == count && List<Pod>("a").Count == count,
        $"{count} are ready");

    private Task ChangeTemplateAsync(string image) =>
        ChangeAsync<DaemonSet>("a", "agent", set => set with { Spec = set.Spec with { Template = Template("agent", image) } });

    private string Images() => string.Join(' ', List<Pod>("a").Select(static pod => pod.Spec.Containers[0].Image).Order(StringComparer.Ordinal));
}

/// <summary>What DaemonSets do, on the real API server.</summary>
public sealed class DaemonSetOnServerTests : DaemonSetTests
{
    private protected override ServerInProcess Server { get; } = new();
}
