using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Client.Tests;

public sealed class InformerTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeApi _api = new(TimeProvider.System);
    private readonly InformerFactory _factory;
    private Task _running = Task.CompletedTask;

    public InformerTests() => _factory = new InformerFactory(_api.Client, TimeProvider.System, NullLoggerFactory.Instance);

    public ValueTask InitializeAsync()
    {
        _running = _factory.RunAsync(_stop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        Assert.Equal(0, _api.OpenWatches);
        _stop.Dispose();
    }

    [Fact]
    public async Task Two_askers_for_one_type_share_one_list_and_one_watch()
    {
        await CreateAsync("a", "one");
        var first = _factory.Informer<ConfigMap>();
        var second = _factory.Informer<ConfigMap>();
        await _factory.WaitForSyncAsync(_stop.Token);
        Assert.Same(first.Get(new NamespacedName("a", "one")), second.Get(new NamespacedName("a", "one")));
        await Eventually.TrueAsync(() => _api.OpenWatches == 1, "the watch is open");
        Assert.Equal(1, _api.Lists);
    }

    [Fact]
    public async Task A_list_in_pages_becomes_one_state()
    {
        _api.PageSize = 2;
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync("a", $"map-{i}");
        }
        var maps = _factory.Informer<ConfigMap>();
        await maps.WaitForSyncAsync(_stop.Token);
        Assert.Equal(5, maps.List("a").Count);
        Assert.Equal(3, _api.Lists);
    }

    [Fact]
    public async Task A_broken_watch_goes_on_where_it_was_without_a_new_list()
    {
        var maps = _factory.Informer<ConfigMap>();
        await maps.WaitForSyncAsync(_stop.Token);
        await Eventually.TrueAsync(() => _api.OpenWatches == 1, "the watch is open");
        _api.BreakWatches();
        await CreateAsync("a", "while-away");
        await Eventually.TrueAsync(() => maps.Get(new NamespacedName("a", "while-away")) is not null, "the missed event arrives");
        Assert.Equal(1, _api.Lists);
    }

    [Fact]
    public async Task After_a_410_what_is_gone_is_told_as_deleted_and_what_changed_as_updated()
    {
        await CreateAsync("a", "goes");
        var stays = await CreateAsync("a", "stays");
        var maps = _factory.Informer<ConfigMap>();
        var told = new List<string>();
        await maps.WaitForSyncAsync(_stop.Token);
        maps.AddHandler(new InformerHandler<ConfigMap>(
            added => told.Add($"+{added.Metadata.Name}"),
            (_, current) => told.Add($"~{current.Metadata.Name}"),
            deleted => told.Add($"-{deleted.Metadata.Name}")));
        await Eventually.TrueAsync(() => _api.OpenWatches == 1, "the watch is open");

        _api.BreakWatches();
        await _api.Client.DeleteAsync<ConfigMap>("a", "goes", new DeleteOptions(), _stop.Token);
        await _api.Client.UpdateAsync(stays with { Data = new Dictionary<string, string> { ["k"] = "v" } }, _stop.Token);
        await CreateAsync("a", "new");
        _api.Compact();

        await Eventually.TrueAsync(() => maps.Get(new NamespacedName("a", "new")) is not null && told.Count >= 5, "the new list arrives");
        Assert.Equal(["+goes", "+stays"], told.Take(2).Order(StringComparer.Ordinal));
        Assert.Equal(["-goes", "+new", "~stays"], told.Skip(2));
        Assert.Equal(2, _api.Lists);
    }

    [Fact]
    public async Task An_index_finds_what_is_filed_under_a_value_and_forgets_it_when_the_value_changes()
    {
        var pods = _factory.Informer<Pod>();
        pods.AddIndex("node", pod => pod.Spec.NodeName is { } node ? [node] : []);
        var pod = await _api.Client.CreateAsync(
            new Pod { Metadata = new ObjectMeta { Namespace = "a", Name = "p", OwnerReferences = [new OwnerReference { ApiVersion = "v1", Kind = "X", Name = "x", Uid = "u1" }] } },
            _stop.Token);
        await pods.WaitForSyncAsync(_stop.Token);
        await Eventually.TrueAsync(() => pods.List().Count == 1, "the pod is there");
        Assert.Empty(pods.ByIndex("node", "n1"));
        Assert.Single(pods.ByIndex(IndexNames.OwnerUid, "u1"));

        await _api.Client.UpdateAsync(pod with { Spec = pod.Spec with { NodeName = "n1" } }, _stop.Token);
        await Eventually.TrueAsync(() => pods.ByIndex("node", "n1").Count == 1, "it is filed under its node");
        await _api.Client.DeleteAsync<Pod>("a", "p", new DeleteOptions { GracePeriodSeconds = 0 }, _stop.Token);
        await Eventually.TrueAsync(() => pods.ByIndex("node", "n1").Count == 0, "it is gone from the index");
        Assert.Empty(pods.ByIndex(IndexNames.OwnerUid, "u1"));
        Assert.Throws<ArgumentException>(() => pods.ByIndex("nothing", "x"));
    }

    [Fact]
    public async Task A_list_that_fails_in_whatever_way_is_tried_again()
    {
        await CreateAsync("a", "one");
        var failures = new Queue<Func<ApiReply?>>([
            () => throw new InvalidOperationException("a fault of the transport"),
            () => throw new ApiUnavailableException("nobody there"),
            () => throw new OperationCanceledException("a timeout of the request's own"),
            () => FakeApi.Failure(410, "Expired", "too old"),
            () => FakeApi.Failure(403, "Forbidden", "not yet")]);
        _api.Intercept = _ => failures.TryDequeue(out var failure) ? failure() : null;
        var maps = _factory.Informer<ConfigMap>();
        await maps.WaitForSyncAsync(_stop.Token);
        Assert.Empty(failures);
        Assert.NotNull(maps.Get(new NamespacedName("a", "one")));
    }

    [Fact]
    public async Task A_handler_that_throws_does_not_stop_the_others()
    {
        var maps = _factory.Informer<ConfigMap>();
        var told = 0;
        maps.AddHandler(new InformerHandler<ConfigMap>(_ => throw new InvalidOperationException("a fault")));
        maps.AddHandler(new InformerHandler<ConfigMap>(_ => told++));
        await maps.WaitForSyncAsync(_stop.Token);
        await CreateAsync("a", "one");
        await CreateAsync("a", "two");
        await Eventually.TrueAsync(() => told == 2, "the second handler is told");
    }

    [Fact]
    public async Task A_name_taken_by_another_object_while_away_is_a_deletion_and_an_addition()
    {
        await CreateAsync("a", "one");
        var maps = _factory.Informer<ConfigMap>();
        await maps.WaitForSyncAsync(_stop.Token);
        var told = new List<string>();
        maps.AddHandler(new InformerHandler<ConfigMap>(_ => told.Add("added"), (_, _) => told.Add("updated"), _ => told.Add("deleted")));
        await Eventually.TrueAsync(() => _api.OpenWatches == 1, "the watch is open");
        _api.BreakWatches();
        await _api.Client.DeleteAsync<ConfigMap>("a", "one", new DeleteOptions(), _stop.Token);
        await CreateAsync("a", "one");
        _api.Compact();
        await Eventually.TrueAsync(() => told.Count == 3, "both are told");
        Assert.Equal(["added", "deleted", "added"], told);
    }

    private Task<ConfigMap> CreateAsync(string @namespace, string name) => _api.Client.CreateAsync(
        new ConfigMap { Metadata = new ObjectMeta { Namespace = @namespace, Name = name } }, TestContext.Current.CancellationToken);
}
