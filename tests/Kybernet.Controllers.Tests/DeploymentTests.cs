using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

public class DeploymentTests : ClusterTest
{
    [Fact]
    public async Task A_new_deployment_gets_a_replica_set_and_becomes_complete()
    {
        await Client.CreateAsync(Deployment("web", 3), Cancellation);
        await CompleteAsync("web", 3);

        var set = Assert.Single(List<ReplicaSet>("a"));
        var hash = set.Metadata.Labels["pod-template-hash"];
        Assert.Equal($"web-{hash}", set.Metadata.Name);
        Assert.Equal(hash, set.Spec.Selector.MatchLabels["pod-template-hash"]);
        Assert.Equal("1", set.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal("3", set.Metadata.Annotations["deployment.kubernetes.io/desired-replicas"]);
        Assert.Equal("4", set.Metadata.Annotations["deployment.kubernetes.io/max-replicas"]);
        var deployment = Find<Deployment>("a", "web")!;
        Assert.Equal("1", deployment.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal("True", Condition(deployment, "Available").Status);
        Assert.Equal("NewReplicaSetAvailable", Condition(deployment, "Progressing").Reason);
        Assert.Equal($"ReplicaSet \"{set.Metadata.Name}\" has successfully progressed.", Condition(deployment, "Progressing").Message);
        await Eventually.TrueAsync(() => HasEvent("ScalingReplicaSet", $"Scaled up replica set {set.Metadata.Name} from 0 to 3"), "the event");
    }

    [Fact]
    public async Task A_changed_template_rolls_over_within_its_bounds_and_keeps_the_old_revision()
    {
        await Client.CreateAsync(Deployment("web", 4), Cancellation);
        await CompleteAsync("web", 4);
        var (least, most) = (int.MaxValue, 0);
        await ChangeAsync<Deployment>("a", "web", deployment => deployment with { Spec = deployment.Spec with { Template = Template("web", "better") } });
        await Eventually.TrueAsync(
            () =>
            {
                var pods = List<Pod>("a");
                most = Math.Max(most, List<ReplicaSet>("a").Sum(set => set.Spec.Replicas!.Value));
                least = Math.Min(least, pods.Count(pod => pod.Metadata.DeletionTimestamp is null && pod.Status.Conditions.Any(condition => condition.Type == "Ready")));
                return IsComplete("web", 4) && pods.Count == 4 && pods.All(pod => pod.Spec.Containers[0].Image == "better");
            },
            "the rollout is complete");
        Assert.InRange(most, 4, 5);
        Assert.InRange(least, 3, 4);
        var sets = List<ReplicaSet>("a");
        Assert.Equal(2, sets.Count);
        Assert.Equal(["1", "2"], sets.Select(set => set.Metadata.Annotations["deployment.kubernetes.io/revision"]).Order());

        await ChangeAsync<Deployment>("a", "web", deployment => deployment with { Spec = deployment.Spec with { Template = Template("web", "good") } });
        await Eventually.TrueAsync(
            () => IsComplete("web", 4) && Find<Deployment>("a", "web")!.Metadata.Annotations["deployment.kubernetes.io/revision"] == "3", "the roll-back is complete");
        var first = List<ReplicaSet>("a").Single(set => set.Spec.Replicas == 4);
        Assert.Equal("1", first.Metadata.Annotations["deployment.kubernetes.io/revision-history"]);
        Assert.Equal(2, List<ReplicaSet>("a").Count);
    }

    [Fact]
    public async Task A_broken_version_stops_the_rollout_and_leaves_enough_of_the_old_one()
    {
        await Client.CreateAsync(Deployment("web", 4), Cancellation);
        await CompleteAsync("web", 4);
        await ChangeAsync<Deployment>(
            "a", "web", deployment => deployment with { Spec = deployment.Spec with { ProgressDeadlineSeconds = 1, Template = Template("web", FakeKubelet.BrokenImage) } });
        await Eventually.TrueAsync(
            () => Find<Deployment>("a", "web") is { } deployment && Condition(deployment, "Progressing").Reason == "ProgressDeadlineExceeded", "the deadline is over");
        var after = Find<Deployment>("a", "web")!;
        Assert.Equal("False", Condition(after, "Progressing").Status);
        Assert.Equal("True", Condition(after, "Available").Status);
        // The deadline counts whole seconds, so it can be over before the rollout has come as far as it can; it goes on all the same.
        await Eventually.TrueAsync(
            () => List<ReplicaSet>("a").Select(set => set.Spec.Replicas!.Value).Order().SequenceEqual([2, 3])
                && List<Pod>("a").Count(pod => pod.Spec.Containers[0].Image == "good") == 3,
            "enough of the old version is left");
    }

    [Fact]
    public async Task A_paused_deployment_does_not_roll_out_but_scales()
    {
        await Client.CreateAsync(Deployment("web", 2), Cancellation);
        await CompleteAsync("web", 2);
        await ChangeAsync<Deployment>(
            "a", "web", deployment => deployment with { Spec = deployment.Spec with { Paused = true, Replicas = 3, Template = Template("web", "better") } });
        await Eventually.TrueAsync(() => Find<Deployment>("a", "web")!.Status is { AvailableReplicas: 3 } status && status.Conditions.Any(known => known.Reason == "DeploymentPaused"), "it is scaled");
        Assert.Single(List<ReplicaSet>("a"));
        await ChangeAsync<Deployment>("a", "web", deployment => deployment with { Spec = deployment.Spec with { Paused = false } });
        await CompleteAsync("web", 3);
        Assert.Equal(2, List<ReplicaSet>("a").Count);
    }

    [Fact]
    [Trait("Conformance", "deployment-recreate")]
    public async Task Recreate_lets_no_old_pod_run_beside_a_new_one()
    {
        var deployment = Deployment("web", 3);
        await Client.CreateAsync(deployment with { Spec = deployment.Spec with { Strategy = new DeploymentStrategy { Type = "Recreate" } } }, Cancellation);
        await CompleteAsync("web", 3);
        await ChangeAsync<Deployment>("a", "web", known => known with { Spec = known.Spec with { Template = Template("web", "better") } });
        await Eventually.TrueAsync(
            () =>
            {
                Assert.True(List<Pod>("a").Select(pod => pod.Spec.Containers[0].Image).Distinct().Count() <= 1, "both versions run");
                return IsComplete("web", 3) && List<Pod>("a").All(pod => pod.Spec.Containers[0].Image == "better");
            },
            "the new version is complete");
    }

    [Fact]
    [Trait("Conformance", "deployment-revisionhistorylimit")]
    public async Task Old_revisions_beyond_the_limit_are_deleted()
    {
        var deployment = Deployment("web", 1);
        await Client.CreateAsync(deployment with { Spec = deployment.Spec with { RevisionHistoryLimit = 1 } }, Cancellation);
        await CompleteAsync("web", 1);
        for (var i = 2; i <= 4; i++)
        {
            await ChangeAsync<Deployment>("a", "web", known => known with { Spec = known.Spec with { Template = Template("web", $"v{i}") } });
            await Eventually.TrueAsync(
                () => IsComplete("web", 1) && Find<Deployment>("a", "web")!.Metadata.Annotations["deployment.kubernetes.io/revision"] == $"{i}", $"revision {i}");
        }
        await Eventually.TrueAsync(() => List<ReplicaSet>("a").Count == 2, "one old revision is left");
    }

    [Fact]
    [Trait("Conformance", "deployment-rollingupdate")]
    public async Task A_rolling_update_adopts_what_there_is_and_replaces_it()
    {
        await Client.CreateAsync(ReplicaSet("web", 1), Cancellation);
        await Eventually.TrueAsync(() => Find<ReplicaSet>("a", "web")!.Status.AvailableReplicas == 1, "the set is available");
        await Client.CreateAsync(Deployment("web", 1, "better"), Cancellation);
        await CompleteAsync("web", 1);
        var adopted = Find<ReplicaSet>("a", "web")!;
        Assert.Equal((0, "web"), (adopted.Spec.Replicas!.Value, adopted.Metadata.OwnerReferences.Single().Name));
        await Eventually.TrueAsync(() => List<Pod>("a") is [{ Spec.Containers: [{ Image: "better" }] }], "only the new pod is left");
    }

    [Fact]
    [Trait("Conformance", "deployment-rollover")]
    public async Task A_change_in_the_middle_of_a_rollout_starts_the_next_one_at_once()
    {
        await Client.CreateAsync(Deployment("web", 3), Cancellation);
        await CompleteAsync("web", 3);
        await ChangeAsync<Deployment>("a", "web", known => known with { Spec = known.Spec with { Template = Template("web", FakeKubelet.BrokenImage) } });
        await Eventually.TrueAsync(() => List<Pod>("a").Any(pod => pod.Spec.Containers[0].Image == FakeKubelet.BrokenImage), "the broken version has begun");
        await ChangeAsync<Deployment>("a", "web", known => known with { Spec = known.Spec with { Template = Template("web", "better") } });
        await CompleteAsync("web", 3);
        await Eventually.TrueAsync(() => List<Pod>("a").All(pod => pod.Spec.Containers[0].Image == "better"), "only the last version is left");
        Assert.Equal(3, List<ReplicaSet>("a").Count);
    }

    [Fact]
    [Trait("Conformance", "deployment-proportional-scaling")]
    public async Task Scaling_in_the_middle_of_a_rollout_spreads_over_its_replica_sets()
    {
        var deployment = Deployment("web", 10);
        var strategy = new DeploymentStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateDeployment { MaxSurge = 3, MaxUnavailable = 2 } };
        await Client.CreateAsync(deployment with { Spec = deployment.Spec with { Strategy = strategy } }, Cancellation);
        await CompleteAsync("web", 10);
        await ChangeAsync<Deployment>("a", "web", known => known with { Spec = known.Spec with { Template = Template("web", FakeKubelet.BrokenImage) } });
        await Eventually.TrueAsync(() => Sizes() is [5, 8], "the rollout stands still");
        await Eventually.TrueAsync(() => Find<Deployment>("a", "web")!.Status is { Replicas: 13, AvailableReplicas: 8 }, "the status is true");
        await ChangeAsync<Deployment>("a", "web", known => known with { Spec = known.Spec with { Replicas = 30 } });
        await Eventually.TrueAsync(() => Sizes() is [13, 20], "both have grown");

        int[] Sizes() => [.. List<ReplicaSet>("a").Select(set => set.Spec.Replicas!.Value).Order()];
    }

    private static DeploymentCondition Condition(Deployment deployment, string type) => deployment.Status.Conditions.Single(known => known.Type == type);

    private Task CompleteAsync(string name, int replicas) => Eventually.TrueAsync(() => IsComplete(name, replicas), $"{name} is complete");

    private bool IsComplete(string name, int replicas) =>
        Find<Deployment>("a", name) is { } deployment
        && deployment.Status.ObservedGeneration == deployment.Metadata.Generation
        && deployment.Status is { } status && status.Replicas == replicas && status.UpdatedReplicas == replicas && status.AvailableReplicas == replicas
        && status.Conditions.Any(static known => known.Reason == "NewReplicaSetAvailable");
}
