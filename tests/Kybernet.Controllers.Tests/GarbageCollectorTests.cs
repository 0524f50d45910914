using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

public class GarbageCollectorTests : ClusterTest
{
    [Fact]
    [Trait("Conformance", "garbage-collector-delete-deployment-propagation-policy-background")]
    public async Task In_the_background_the_dependents_of_what_is_gone_go_after_it()
    {
        await StartAsync();
        await Client.DeleteAsync<Deployment>("a", "web", new DeleteOptions { PropagationPolicy = "Background" }, Cancellation);
        Assert.Null(Find<Deployment>("a", "web"));
        await Eventually.TrueAsync(() => List<ReplicaSet>("a").Count == 0 && List<Pod>("a").Count == 0, "all is gone");
    }

    [Fact]
    public async Task In_the_foreground_the_owner_goes_last()
    {
        await StartAsync();
        await Client.DeleteAsync<Deployment>("a", "web", new DeleteOptions { PropagationPolicy = "Foreground" }, Cancellation);
        await Eventually.TrueAsync(
            () =>
            {
                var pods = List<Pod>("a").Count; // read first: pods only become fewer
                var isThere = Find<Deployment>("a", "web") is not null;
                Assert.True(isThere || List<Pod>("a").Count == 0, "the owner went before its pods");
                return !isThere && pods == 0;
            },
            "all is gone");
        Assert.Empty(List<ReplicaSet>("a"));
    }

    [Fact]
    [Trait("Conformance", "garbage-collector-delete-deployment-propagation-policy-orphan")]
    public async Task Orphans_stay_and_forget_their_owner()
    {
        await StartAsync();
        await Client.DeleteAsync<Deployment>("a", "web", new DeleteOptions { PropagationPolicy = "Orphan" }, Cancellation);
        await Eventually.TrueAsync(() => Find<Deployment>("a", "web") is null, "the owner is gone");
        var set = Assert.Single(List<ReplicaSet>("a"));
        Assert.Empty(set.Metadata.OwnerReferences);
        Assert.Equal(2, List<Pod>("a").Count(pod => pod.Metadata.IsControlledBy(set)));
    }

    [Fact]
    public async Task What_never_had_an_owner_that_exists_is_deleted_and_what_has_none_at_all_stays()
    {
        await Client.CreateAsync(Map("stays"), Cancellation);
        await Client.CreateAsync(Map("goes", Owner("nobody", "no-such-uid")), Cancellation);
        await Eventually.TrueAsync(() => Find<ConfigMap>("a", "goes") is null, "it goes");
        Assert.NotNull(Find<ConfigMap>("a", "stays"));
    }

    [Fact]
    [Trait("Conformance", "garbage-collector-multiple-owners")]
    public async Task With_one_of_two_owners_left_only_the_reference_to_the_other_goes()
    {
        var first = await Client.CreateAsync(Map("first"), Cancellation);
        var second = await Client.CreateAsync(Map("second"), Cancellation);
        await Client.CreateAsync(Map("shared", Owner("first", first.Metadata.Uid!), Owner("second", second.Metadata.Uid!)), Cancellation);
        await Client.DeleteAsync<ConfigMap>("a", "first", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<ConfigMap>("a", "shared")!.Metadata.OwnerReferences is [{ Name: "second" }], "the reference is gone");
    }

    [Fact]
    public async Task An_owner_in_another_namespace_does_not_count_and_the_user_is_told()
    {
        var owner = await Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Namespace = "b", Name = "owner" } }, Cancellation);
        await Client.CreateAsync(Map("child", Owner("owner", owner.Metadata.Uid!)), Cancellation);
        await Eventually.TrueAsync(() => Find<ConfigMap>("a", "child") is null, "it goes");
        await Eventually.TrueAsync(() => List<Event>("a").Any(known => known.Reason == "OwnerRefInvalidNamespace"), "the event");
        Assert.NotNull(Find<ConfigMap>("b", "owner"));
    }

    [Fact]
    [Trait("Conformance", "garbage-collector-dependency-cycle")]
    public async Task Objects_that_own_each_other_in_a_circle_all_go()
    {
        var uids = new Dictionary<string, string>();
        foreach (var name in (string[])["one", "two", "three"])
        {
            uids[name] = (await Client.CreateAsync(Map(name), Cancellation)).Metadata.Uid!;
        }
        foreach (var (name, owner) in ((string, string)[])[("one", "three"), ("two", "one"), ("three", "two")])
        {
            var reference = Owner(owner, uids[owner]) with { BlockOwnerDeletion = true };
            await ChangeAsync<ConfigMap>("a", name, map => map with { Metadata = map.Metadata with { OwnerReferences = [reference] } });
        }
        await Client.DeleteAsync<ConfigMap>("a", "one", new DeleteOptions { PropagationPolicy = "Foreground" }, Cancellation);
        await Eventually.TrueAsync(() => uids.Keys.All(name => Find<ConfigMap>("a", name) is null), "the whole circle is gone");
    }

    private static OwnerReference Owner(string name, string uid) => new() { ApiVersion = "v1", Kind = "ConfigMap", Name = name, Uid = uid };

    private static ConfigMap Map(string name, params OwnerReference[] owners) =>
        new() { Metadata = new ObjectMeta { Namespace = "a", Name = name, OwnerReferences = owners } };

    private async Task StartAsync()
    {
        await Client.CreateAsync(Deployment("web", 2), Cancellation);
        await Eventually.TrueAsync(() => Find<Deployment>("a", "web")!.Status.AvailableReplicas == 2, "it is available");
    }
}
