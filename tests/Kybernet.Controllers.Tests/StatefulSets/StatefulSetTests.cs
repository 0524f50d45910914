using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>What StatefulSets do.</summary>
public class StatefulSetTests : ClusterTest
{
    [Fact]
    public async Task Pods_have_names_hosts_labels_and_claims_of_their_ordinals()
    {
        await Client.CreateAsync(Set(2, spec => spec with { VolumeClaimTemplates = [Claim], Ordinals = new StatefulSetOrdinals { Start = 5 } }), Cancellation);
        await ReadyAsync(2);
        var pod = Find<Pod>("a", "db-6")!;
        Assert.Equal(("db-6", "db"), (pod.Spec.Hostname, pod.Spec.Subdomain));
        Assert.Equal("db-6", pod.Metadata.Labels["statefulset.kubernetes.io/pod-name"]);
        Assert.Equal("6", pod.Metadata.Labels["apps.kubernetes.io/pod-index"]);
        Assert.Equal(Status.UpdateRevision, pod.Metadata.Labels["controller-revision-hash"]);
        Assert.Equal("data-db-6", pod.Spec.Volumes.Single(volume => volume.Name == "data").PersistentVolumeClaim?.ClaimName);
        Assert.Equal("db", Find<PersistentVolumeClaim>("a", "data-db-6")!.Metadata.Labels["app"]);
        await Eventually.TrueAsync(() => HasEvent("SuccessfulCreate", "create Claim data-db-6 Pod db-6 in StatefulSet db success"), "the claim's event");
        await Eventually.TrueAsync(() => HasEvent("SuccessfulCreate", "create Pod db-6 in StatefulSet db successful"), "the pod's event");
    }

    [Fact]
    [Trait("Conformance", "statefulset-scaling")]
    public async Task It_scales_by_ordinal_and_waits_while_a_pod_is_unhealthy()
    {
        await Client.CreateAsync(Set(3), Cancellation);
        await Eventually.TrueAsync(() => InOrder() && Status.ReadyReplicas == 3, "it comes up in order");
        await SetReadyAsync("db-0", ConditionStatus.False);
        await Eventually.TrueAsync(() => Status.ReadyReplicas == 2, "the unhealthy one is seen");
        await ScaleAsync(5);
        await Eventually.TrueAsync(() => Status.ObservedGeneration == 2, "the size is seen");
        Assert.Null(Find<Pod>("a", "db-3"));
        await SetReadyAsync("db-0", ConditionStatus.True);
        await Eventually.TrueAsync(() => Status.ReadyReplicas == 5, "it goes on");

        await SetAllReadyAsync(ConditionStatus.False);
        await ScaleAsync(0);
        await Eventually.TrueAsync(() => Status is { ObservedGeneration: 3, ReadyReplicas: null }, "the size is seen");
        Assert.All(List<Pod>("a").Where(static pod => pod.Metadata.Name != "db-0"), static pod => Assert.Null(pod.Metadata.DeletionTimestamp));
        await SetAllReadyAsync(ConditionStatus.True);
        await Eventually.TrueAsync(() => InOrder() && List<Pod>("a").Count == 0, "it goes down in order");
    }

    [Fact]
    [Trait("Conformance", "statefulset-burst-scaling")]
    public async Task In_parallel_it_scales_both_ways_though_pods_are_not_ready()
    {
        await Client.CreateAsync(Set(3, static spec => spec with { PodManagementPolicy = "Parallel", Template = Template("db", FakeKubelet.BrokenImage) }), Cancellation);
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 3, "all are made");
        await ScaleAsync(5);
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 5, "more are made");
        await ScaleAsync(1);
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 1, "they go");
        Assert.NotNull(Find<Pod>("a", "db-0"));
    }

    [Fact]
    [Trait("Conformance", "statefulset-rolling-update")]
    public async Task A_changed_template_replaces_pods_one_by_one_and_going_back_takes_the_earlier_revision_again()
    {
        await Client.CreateAsync(Set(3), Cancellation);
        await ReadyAsync(3);
        var first = Status.CurrentRevision;
        await ChangeTemplateAsync("better");
        var least = int.MaxValue;
        await Eventually.TrueAsync(
            () =>
            {
                least = Math.Min(least, List<Pod>("a").Count(static pod => pod.Metadata.DeletionTimestamp is null && pod.IsReady()));
                return Status is { ReadyReplicas: 3, UpdatedReplicas: 3 } status && status.CurrentRevision == status.UpdateRevision && status.CurrentRevision != first;
            },
            "the update is complete");
        Assert.InRange(least, 2, 3);
        Assert.All(List<Pod>("a"), static pod => Assert.Equal("better", pod.Spec.Containers[0].Image));
        Assert.Equal([1L, 2L], List<ControllerRevision>("a").Select(static revision => revision.Revision).Order());

        await ChangeTemplateAsync("good");
        await Eventually.TrueAsync(() => Status is { ReadyReplicas: 3 } status && status.CurrentRevision == first && status.UpdateRevision == first, "it is back");
        Assert.Equal([2L, 3L], List<ControllerRevision>("a").Select(static revision => revision.Revision).Order());
    }

    [Fact]
    [Trait("Conformance", "statefulset-rolling-update-with-partition")]
    public async Task Below_the_partition_pods_stay_and_come_back_at_their_revision()
    {
        await Client.CreateAsync(Set(3), Cancellation);
        await ReadyAsync(3);
        await SetPartitionAsync(2);
        await ChangeTemplateAsync("better");
        await Eventually.TrueAsync(() => Images() == "good good better" && Status.ReadyReplicas == 3, "only the last is updated");
        await Client.DeleteAsync<Pod>("a", "db-0", DeleteOptions.Empty, Cancellation);
        await Client.DeleteAsync<Pod>("a", "db-2", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Images() == "good good better" && Status.ReadyReplicas == 3, "each comes back as it was");
        Assert.NotEqual(Status.CurrentRevision, Status.UpdateRevision);
        await SetPartitionAsync(0);
        await Eventually.TrueAsync(() => Images() == "better better better" && Status.CurrentRevision == Status.UpdateRevision, "all are updated");
    }

    [Fact]
    public async Task With_OnDelete_only_pods_that_somebody_deletes_are_updated()
    {
        await Client.CreateAsync(Set(2, static spec => spec with { UpdateStrategy = new StatefulSetUpdateStrategy { Type = "OnDelete" } }), Cancellation);
        await ReadyAsync(2);
        await ChangeTemplateAsync("better");
        await Eventually.TrueAsync(() => Status.ObservedGeneration == 2, "the template is seen");
        await Client.DeleteAsync<Pod>("a", "db-0", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Images() == "better good" && Status.ReadyReplicas == 2, "only the deleted one is new");
    }

    [Fact]
    [Trait("Conformance", "statefulset-recreate-failed-pod")]
    public async Task A_pod_that_failed_is_made_anew_under_its_name()
    {
        await Client.CreateAsync(Set(1), Cancellation);
        await ReadyAsync(1);
        var pod = Find<Pod>("a", "db-0")!;
        await Client.UpdateStatusAsync(pod with { Status = pod.Status with { Phase = "Failed" } }, Cancellation);
        await Eventually.TrueAsync(() => Find<Pod>("a", "db-0") is { } next && next.Metadata.Uid != pod.Metadata.Uid && next.IsReady(), "its successor is ready");
    }

    [Fact]
    public async Task Claims_go_with_the_pod_that_is_scaled_away_if_the_policy_says_so()
    {
        var policy = new StatefulSetPersistentVolumeClaimRetentionPolicy { WhenDeleted = "Retain", WhenScaled = "Delete" };
        await Client.CreateAsync(Set(2, spec => spec with { VolumeClaimTemplates = [Claim], PersistentVolumeClaimRetentionPolicy = policy }), Cancellation);
        await ReadyAsync(2);
        Assert.Empty(Find<PersistentVolumeClaim>("a", "data-db-1")!.Metadata.OwnerReferences);
        await ScaleAsync(1);
        await Eventually.TrueAsync(() => Find<PersistentVolumeClaim>("a", "data-db-1") is null or { Metadata.DeletionTimestamp: not null }, "its claim goes");
        Assert.NotNull(Find<PersistentVolumeClaim>("a", "data-db-0"));
    }

    [Fact]
    public async Task Revisions_beyond_the_limit_are_deleted()
    {
        await Client.CreateAsync(Set(1, static spec => spec with { RevisionHistoryLimit = 1 }), Cancellation);
        await ReadyAsync(1);
        foreach (var image in (string[])["two", "three", "four"])
        {
            await ChangeTemplateAsync(image);
            await Eventually.TrueAsync(() => Images() == image && Status is { ReadyReplicas: 1 } status && status.CurrentRevision == status.UpdateRevision, image);
        }
        await Eventually.TrueAsync(() => List<ControllerRevision>("a").Select(static revision => revision.Revision).Order().SequenceEqual([3L, 4L]), "the last two are left");
    }

    private static PersistentVolumeClaim Claim { get; } = new()
    {
        Metadata = new ObjectMeta { Name = "data" },
        Spec = new PersistentVolumeClaimSpec
        {
            AccessModes = ["ReadWriteOnce"],
            Resources = new VolumeResourceRequirements { Requests = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") } },
        },
    };

    private StatefulSetStatus Status => Find<StatefulSet>("a", "db")!.Status;

    private static StatefulSet Set(int replicas, Func<StatefulSetSpec, StatefulSetSpec>? change = null)
    {
        var spec = new StatefulSetSpec
        {
            Replicas = replicas,
            ServiceName = "db",
            Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "db" } },
            Template = Template("db", "good"),
            UpdateStrategy = new StatefulSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateStatefulSetStrategy { Partition = 0 } },
        };
        return new StatefulSet { Metadata = new ObjectMeta { Namespace = "a", Name = "db" }, Spec = change is null ? spec : change(spec) };
    }

    private Task ReadyAsync(int count) => Eventually.TrueAsync(
        () => Status is { } status && status.ReadyReplicas == count && status.Replicas == count && status.CurrentRevision == status.UpdateRevision, $"{count} are ready");

    private Task ScaleAsync(int replicas) => ChangeAsync<StatefulSet>("a", "db", set => set with { Spec = set.Spec with { Replicas = replicas } });

    private Task ChangeTemplateAsync(string image) =>
        ChangeAsync<StatefulSet>("a", "db", set => set with { Spec = set.Spec with { Template = Template("db", image) } });

    private Task SetPartitionAsync(int partition) => ChangeAsync<StatefulSet>("a", "db", set => set with
    {
        Spec = set.Spec with
        {
            UpdateStrategy = new StatefulSetUpdateStrategy { Type = "RollingUpdate", RollingUpdate = new RollingUpdateStatefulSetStrategy { Partition = partition } },
        },
    });

    private async Task SetReadyAsync(string name, string status) => await RetryOnConflict.RunAsync(
        async cancellation =>
        {
            var pod = await Client.GetAsync<Pod>("a", name, cancellation);
            var ready = new PodCondition { Type = "Ready", Status = status, LastTransitionTime = TimeProvider.System.GetUtcNow() };
            return await Client.UpdateStatusAsync(pod with { Status = pod.Status with { Conditions = [ready] } }, cancellation);
        },
        TimeProvider.System,
        Cancellation);

    private async Task SetAllReadyAsync(string status)
    {
        // The first one last: what goes down in order waits for it, and none is gone before it was asked for.
        for (var i = 4; i >= 0; i--)
        {
            await SetReadyAsync($"db-{i}", status);
        }
    }

    /// <summary>Whether there is no gap in the ordinals, and only the last of them not ready.</summary>
    private bool InOrder()
    {
        var pods = List<Pod>("a").OrderBy(static pod => pod.Metadata.Name, StringComparer.Ordinal).ToList();
        for (var i = 0; i < pods.Count; i++)
        {
            Assert.Equal($"db-{i}", pods[i].Metadata.Name);
            Assert.True(i == pods.Count - 1 || pods[i].IsReady(), $"{pods[i].Metadata.Name} is ready before the next is made");
        }
        return true;
    }

    private string Images() => string.Join(' ', List<Pod>("a").OrderBy(static pod => pod.Metadata.Name, StringComparer.Ordinal).Select(static pod => pod.Spec.Containers[0].Image));
}

/// <summary>What StatefulSets do, on the real API server.</summary>
public sealed class StatefulSetOnServerTests : StatefulSetTests
{
    private protected override ServerInProcess Server { get; } = new();
}
