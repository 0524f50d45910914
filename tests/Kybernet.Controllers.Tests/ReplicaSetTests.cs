using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

public sealed class ReplicaSetTests : ClusterTest
{
    [Fact]
    public async Task As_many_pods_are_made_as_wanted_and_not_one_more()
    {
        await Client.CreateAsync(ReplicaSet("web", 20), Cancellation);
        await ReadyAsync(20);
        Assert.Equal(20, Api.Calls.Count(call => call == "POST /api/v1/namespaces/a/pods"));
        var pod = List<Pod>("a")[0];
        Assert.Equal("web-", pod.Metadata.GenerateName);
        Assert.True(pod.Metadata.Controller() is { Kind: "ReplicaSet", Name: "web", BlockOwnerDeletion: true });
        await Eventually.TrueAsync(() => HasEvent("SuccessfulCreate", $"Created pod: {pod.Metadata.Name}") || List<Event>("a").Any(known => known.Message!.Contains("combined", StringComparison.Ordinal)), "the event");
    }

    [Fact]
    public async Task A_deleted_pod_is_replaced_and_a_surplus_one_deleted()
    {
        await Client.CreateAsync(ReplicaSet("web", 3), Cancellation);
        await ReadyAsync(3);
        var gone = List<Pod>("a")[0].Metadata.Name!;
        await Client.DeleteAsync<Pod>("a", gone, DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => List<Pod>("a").All(pod => pod.Metadata.Name != gone), "it goes");
        await ReadyAsync(3);
        await ChangeAsync<ReplicaSet>("a", "web", set => set with { Spec = set.Spec with { Replicas = 1 } });
        await ReadyAsync(1);
    }

    [Fact]
    [Trait("Conformance", "replica-set-adopt-matching-pods-and-release-non-matching-pods")]
    public async Task A_pod_that_matches_is_adopted_and_one_that_matches_no_longer_is_released()
    {
        await Client.CreateAsync(
            new Pod { Metadata = new ObjectMeta { Namespace = "a", Name = "stray", Labels = new Dictionary<string, string> { ["app"] = "web" } }, Spec = Template("web", "good").Spec! },
            Cancellation);
        await Client.CreateAsync(ReplicaSet("web", 2), Cancellation);
        await ReadyAsync(2);
        Assert.Equal("web", Find<Pod>("a", "stray")!.Metadata.Controller()?.Name);
        await ChangeAsync<Pod>("a", "stray", pod => pod with { Metadata = pod.Metadata with { Labels = new Dictionary<string, string> { ["app"] = "other" } } });
        await Eventually.TrueAsync(() => Find<Pod>("a", "stray")!.Metadata.OwnerReferences.Count == 0, "it is released");
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 3, "another takes its place");
    }

    [Fact]
    public async Task What_cannot_succeed_is_tried_once_and_told_as_a_condition()
    {
        Api.Intercept = call => call.Method == HttpMethod.Post && call.PathAndQuery.EndsWith("/pods", StringComparison.Ordinal)
            ? FakeApi.Failure(403, "Forbidden", "exceeded quota")
            : null;
        await Client.CreateAsync(ReplicaSet("web", 50), Cancellation);
        await Eventually.TrueAsync(() => Find<ReplicaSet>("a", "web")!.Status.Conditions.Any(known => known.Type == "ReplicaFailure"), "the condition");
        var condition = Find<ReplicaSet>("a", "web")!.Status.Conditions.Single();
        Assert.Equal(("True", "FailedCreate", "exceeded quota"), (condition.Status, condition.Reason, condition.Message));
        await Eventually.TrueAsync(() => HasEvent("FailedCreate", "Error creating: exceeded quota"), "the event");
        Assert.InRange(Api.Calls.Count(call => call == "POST /api/v1/namespaces/a/pods"), 1, 15);
        Api.Intercept = null;
        await ReadyAsync(50);
        await Eventually.TrueAsync(() => Find<ReplicaSet>("a", "web")!.Status.Conditions.Count == 0, "the condition is gone");
    }

    private Task ReadyAsync(int count) => Eventually.TrueAsync(
        () => Find<ReplicaSet>("a", "web") is { } set && set.Status.Replicas == count && set.Status.ReadyReplicas == count
            && set.Status.AvailableReplicas == count && set.Status.FullyLabeledReplicas == count && List<Pod>("a").Count(pod => pod.Metadata.Controller() is not null) == count,
        $"{count} pods are ready");
}
