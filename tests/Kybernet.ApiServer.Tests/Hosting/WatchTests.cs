using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Hosting;

/// <summary>What watches see of ConfigMaps that come, change and go.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private TestServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    [Trait("Conformance", "watch-configmaps-with-multiple-watchers")]
    public async Task Each_watch_sees_all_that_its_selector_matches_and_nothing_else()
    {
        var now = await NowAsync();
        var ofA = SeeAsync($"labelSelector=w%3Da&{now}", 3);
        var ofB = SeeAsync($"labelSelector=w%3Db&{now}", 3);
        var ofBoth = SeeAsync($"labelSelector=w+in+(a,b)&{now}", 6);

        foreach (var label in (string[])["a", "b"])
        {
            await PutAsync(HttpMethod.Post, label, label, "0");
            await PutAsync(HttpMethod.Put, label, label, "1");
            await _server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/{label}");
        }

        string[] a = ["Added a 0", "Modified a 1", "Deleted a 1"];
        string[] b = ["Added b 0", "Modified b 1", "Deleted b 1"];
        Assert.Equal(a, await ofA);
        Assert.Equal(b, await ofB);
        Assert.Equal([.. a, .. b], await ofBoth);
    }

    [Fact]
    [Trait("Conformance", "watch-configmaps-from-resource-version")]
    public async Task A_watch_from_an_older_revision_sees_what_came_after_it()
    {
        await PutAsync(HttpMethod.Post, "one", "a", "0");
        var revision = await PutAsync(HttpMethod.Put, "one", "a", "1");
        await PutAsync(HttpMethod.Put, "one", "a", "2");
        await _server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/one");

        Assert.Equal(["Modified one 2", "Deleted one 2"], await SeeAsync($"resourceVersion={revision}", 2));
    }

    [Fact]
    [Trait("Conformance", "watch-configmaps-closed-and-restarted")]
    public async Task A_watch_that_goes_on_where_another_ended_misses_nothing()
    {
        var last = "";
        var first = SeeAsync($"labelSelector=w&{await NowAsync()}", 2, revision => last = revision);
        await PutAsync(HttpMethod.Post, "one", "a", "0");
        await PutAsync(HttpMethod.Put, "one", "a", "1");
        Assert.Equal(["Added one 0", "Modified one 1"], await first);
        await PutAsync(HttpMethod.Put, "one", "a", "2");
        await _server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/one");

        Assert.Equal(["Modified one 2", "Deleted one 2"], await SeeAsync($"labelSelector=w&resourceVersion={last}", 2));
    }

    [Fact]
    [Trait("Conformance", "watch-configmaps-label-changed")]
    public async Task What_leaves_a_selector_is_deleted_to_its_watch_and_what_comes_back_is_added()
    {
        var seen = SeeAsync($"labelSelector=w%3Da&{await NowAsync()}", 5);

        await PutAsync(HttpMethod.Post, "one", "a", "0");
        await PutAsync(HttpMethod.Put, "one", "a", "1");
        await PutAsync(HttpMethod.Put, "one", "b", "2");
        await PutAsync(HttpMethod.Put, "one", "b", "3");
        await PutAsync(HttpMethod.Put, "one", "a", "4");
        await _server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/one");

        var events = await seen;
        Assert.Equal(["Added one", "Modified one", "Deleted one", "Added one", "Deleted one"], events.Select(static item => item[..item.LastIndexOf(' ')]));
        Assert.Equal("Added one 4", events[3]);
    }

    [Fact]
    [Trait("Conformance", "watch-consistency")]
    public async Task Watches_that_begin_at_different_moments_see_the_same_order()
    {
        const int changes = 60;
        var revisions = new List<string>();
        var watches = new List<Task<List<string>>>();
        for (var i = 0; i < changes; i++)
        {
            var name = $"map-{i % 7}";
            revisions.Add(await PutAsync(i < 7 ? HttpMethod.Post : HttpMethod.Put, name, "a", $"{i}"));
            if (i % 10 == 9)
            {
                watches.Add(SeeAsync($"resourceVersion={revisions[^1]}", changes - i - 1 + 1));
            }
        }
        await PutAsync(HttpMethod.Put, "map-0", "a", "end");

        var seen = await Task.WhenAll(watches);
        foreach (var later in seen[1..])
        {
            Assert.Equal(seen[0][^later.Count..], later);
        }
    }

    private async Task<string> PutAsync(HttpMethod method, string name, string label, string value)
    {
        var path = method == HttpMethod.Post ? ConfigMaps : $"{ConfigMaps}/{name}";
        var (code, item) = await _server.SendAsync(method, path, $$$"""{"metadata":{"name":"{{{name}}}","labels":{"w":"{{{label}}}"} },"data":{"v":"{{{value}}}"} }""");
        Assert.True(code is 200 or 201, item?.ToJsonString());
        return (string)item!["metadata"]!["resourceVersion"]!;
    }

    // From a revision a watch misses nothing, whenever the server comes to it.
    private async Task<string> NowAsync() => $"resourceVersion={(await _server.SendAsync(HttpMethod.Get, ConfigMaps)).Body!["metadata"]!["resourceVersion"]}";

    private async Task<List<string>> SeeAsync(string query, int count, Action<string>? onRevision = null)
    {
        var seen = new List<string>();
        await foreach (var change in _server.Admin.WatchAsync(new ApiCall(HttpMethod.Get, $"{ConfigMaps}?watch=true&{query}"), Token))
        {
            seen.Add($"{change.Type} {change.Object.Key.Name} {change.Object.As<ConfigMap>().Data["v"]}");
            onRevision?.Invoke(change.Object.Header.ResourceVersion);
            if (seen.Count == count)
            {
                break;
            }
        }
        return seen;
    }
}
