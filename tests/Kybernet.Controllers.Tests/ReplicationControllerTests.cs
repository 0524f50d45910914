using Kybernet.Api.Autoscaling.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>What ReplicationControllers do.</summary>
public sealed class ReplicationControllerTests : OnServerTest
{
    [Fact]
    [Trait("Conformance", "replication-controller-adopt-matching-pods")]
    public async Task It_adopts_a_pod_that_matches()
    {
        await Client.CreateAsync(
            new Pod { Metadata = new ObjectMeta { Namespace = "a", Name = "stray", Labels = new Dictionary<string, string> { ["app"] = "web" } }, Spec = Template("web", "good").Spec! },
            Cancellation);
        await CreateAsync(1);
        await Eventually.TrueAsync(() => Find<Pod>("a", "stray")!.Metadata.Controller() is { Kind: "ReplicationController", Name: "web" }, "it is adopted");
        Assert.Single(List<Pod>("a"));
    }

    [Fact]
    [Trait("Conformance", "replication-controller-release-pods")]
    public async Task It_releases_a_pod_that_matches_no_longer()
    {
        await CreateAsync(1);
        await ReadyAsync(1);
        var name = List<Pod>("a")[0].Metadata.Name!;
        await ChangeAsync<Pod>("a", name, static pod => pod with { Metadata = pod.Metadata with { Labels = new Dictionary<string, string> { ["app"] = "other" } } });
        await Eventually.TrueAsync(() => Find<Pod>("a", name)!.Metadata.OwnerReferences.Count == 0, "it is released");
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 2, "another takes its place");
    }

    [Fact]
    [Trait("Conformance", "replication-controller-lifecycle")]
    public async Task It_is_made_read_patched_scaled_and_deleted()
    {
        await CreateAsync(1);
        await ReadyAsync(1);
        var patch = System.Text.Json.Nodes.JsonNode.Parse("""{"metadata":{"labels":{"patched":"true"}}}""")!;
        Assert.Equal("true", (await Client.PatchAsync<ReplicationController>("a", "web", "", Patch.Strategic(patch), Cancellation)).Metadata.Labels["patched"]);
        var scale = System.Text.Json.Nodes.JsonNode.Parse("""{"spec":{"replicas":2}}""")!;
        var call = new ApiCall(HttpMethod.Patch, "/api/v1/namespaces/a/replicationcontrollers/web/scale") { Body = Patch.Merge(scale).Body, ContentType = "application/merge-patch+json" };
        Assert.Equal(2, (await Client.SendAsync<Scale>(call, Cancellation)).Spec.Replicas);
        await ReadyAsync(2);
        await Client.DeleteAsync<ReplicationController>("a", "web", new DeleteOptions { PropagationPolicy = "Background" }, Cancellation);
        await Eventually.TrueAsync(() => Find<ReplicationController>("a", "web") is null && List<Pod>("a").Count == 0, "it goes with its pods");
    }

    [Fact]
    [Trait("Conformance", "garbage-collector-delete-replication-controller-propagation-policy-background")]
    public async Task Deleted_in_the_background_it_goes_before_its_pods()
    {
        await CreateAsync(2);
        await ReadyAsync(2);
        await DeleteAsync("Background");
        Assert.Null(Find<ReplicationController>("a", "web"));
        await Eventually.TrueAsync(() => List<Pod>("a").Count == 0, "the pods go");
    }

    [Fact]
    [Trait("Conformance", "garbage-collector-delete-replication-controller-after-owned-pods")]
    public async Task Deleted_in_the_foreground_it_goes_after_its_pods()
    {
        await CreateAsync(2);
        await ReadyAsync(2);
        await DeleteAsync("Foreground");
        await Eventually.TrueAsync(
            () =>
            {
                var isThere = Find<ReplicationController>("a", "web") is not null;
                var pods = List<Pod>("a").Count;
                Assert.True(isThere || pods == 0, "the owner went before its pods");
                return !isThere;
            },
            "all is gone");
    }

    [Fact]
    [Trait("Conformance", "garbage-collector-delete-replication-controller-propagation-policy-orphan")]
    public async Task Deleted_without_its_pods_it_leaves_them_running()
    {
        await CreateAsync(2);
        await ReadyAsync(2);
        await DeleteAsync("Orphan");
        await Eventually.TrueAsync(() => Find<ReplicationController>("a", "web") is null, "it is gone");
        Assert.Equal(2, List<Pod>("a").Count(static pod => pod.Metadata is { OwnerReferences.Count: 0, DeletionTimestamp: null }));
    }

    private Task DeleteAsync(string policy) => Client.DeleteAsync<ReplicationController>("a", "web", new DeleteOptions { PropagationPolicy = policy }, Cancellation);

    private Task CreateAsync(int replicas) => Client.CreateAsync(
        new ReplicationController
        {
            Metadata = new ObjectMeta { Namespace = "a", Name = "web" },
            Spec = new ReplicationControllerSpec { Replicas = replicas, Selector = new Dictionary<string, string> { ["app"] = "web" }, Template = Template("web", "good") },
        },
        Cancellation);

    private Task ReadyAsync(int count) => Eventually.TrueAsync(
        () => Find<ReplicationController>("a", "web")!.Status is { } status && status.ReadyReplicas == count && status.Replicas == count, $"{count} are ready");
}
