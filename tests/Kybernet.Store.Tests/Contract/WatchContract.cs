namespace Kybernet.Store.Tests.Contract;

/// <summary>Watching: each event once, in order, from any revision that is kept.</summary>
public abstract class WatchContract : StoreContract
{
    [Fact]
    public async Task A_watch_tells_what_was_made_changed_and_deleted_with_what_was_there_before()
    {
        await PutAsync("/registry/a", "one");
        await PutAsync("/registry/a", "two");
        await DeleteAsync("/registry/a");
        var events = await WatchUntilAsync(Prefix, after: 1, until: 4);
        Assert.Equal([(2L, "one", null), (3L, "two", "one"), (4L, null, (string?)"two")],
            events.Select(e => (e.Revision, Text(e.Current), Text(e.Previous))));
        Assert.All(events, e => Assert.Equal("/registry/a", e.Key));
        Assert.Equal((2L, 3L, 2L), (events[1].Current!.CreateRevision, events[1].Current!.ModRevision, events[1].Current!.Version));
    }

    [Fact]
    public async Task A_watch_begins_after_its_revision()
    {
        await PutManyAsync("a", 10); // revisions 2 to 11
        var events = await WatchUntilAsync(Prefix, after: 8, until: 11);
        Assert.Equal([9L, 10, 11], events.Select(e => e.Revision));
    }

    [Fact]
    public async Task A_watch_has_the_events_of_its_prefix_only()
    {
        await PutAsync("/registry/pods/a", "x");
        await PutAsync("/registry/podsX", "x");
        await PutAsync("/registry/nodes/a", "x");
        var last = await PutAsync("/registry/pods/b", "x");
        var events = await WatchUntilAsync("/registry/pods/", after: 1, until: last.Revision);
        Assert.Equal(["/registry/pods/a", "/registry/pods/b"], events.Select(e => e.Key));
    }

    [Fact]
    public async Task Watchers_that_begin_anywhere_during_concurrent_writes_miss_nothing_and_see_nothing_twice()
    {
        const int writers = 8, each = 150;
        const long end = 1 + writers * each;
        var writing = Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await PutAsync($"/registry/{(i % 2 == 0 ? "even" : "odd")}/{w}-{i}", $"{w}-{i}");
            }
        })));
        var watching = Enumerable.Range(0, 6).Select(n => Task.Run(async () =>
        {
            await EventuallyAsync(async () => await Store.GetRevisionAsync(Cancelled) > n * 100, "the writers get going");
            var after = Math.Max(1, await Store.GetRevisionAsync(Cancelled) - n * 50);
            return (After: after, Events: await WatchUntilAsync(n == 5 ? "/registry/even/" : Prefix, after, end), All: n != 5);
        })).ToArray();
        await writing;
        foreach (var (after, events, all) in await Task.WhenAll(watching))
        {
            var revisions = events.Select(e => e.Revision).ToArray();
            Assert.Equal(revisions.Order().Distinct(), revisions);
            Assert.All(revisions, revision => Assert.True(revision > after));
            Assert.All(events, e => Assert.EndsWith(Text(e.Current)!, e.Key));
            if (all)
            {
                Assert.Equal(end - after, revisions.Length);
            }
        }
        var range = await Store.RangeAsync(new RangeRequest("/registry/even/"), Cancelled);
        Assert.Equal(range.Items.Select(i => i.ModRevision).Order(), (await WatchUntilAsync("/registry/even/", 1, end)).Select(e => e.Revision));
    }

    [Fact]
    public async Task A_watcher_learns_of_revisions_that_other_keys_made()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        timeout.CancelAfter(Deadline);
        var watch = Store.WatchAsync("/registry/quiet/", 1, timeout.Token).GetAsyncEnumerator(timeout.Token);
        await using var _ = watch;
        for (var i = 0; i < 3; i++)
        {
            var last = await PutManyAsync("busy", 20);
            do
            {
                Assert.True(await watch.MoveNextAsync());
                Assert.Empty(watch.Current.Events);
            }
            while (watch.Current.Revision < last);
            Assert.Equal(last, watch.Current.Revision);
        }
    }

    [Fact]
    public async Task A_watch_of_a_revision_to_come_waits_for_it()
    {
        var watching = WatchUntilAsync(Prefix, after: 4, until: 6);
        await PutManyAsync("a", 5); // 2 to 6
        Assert.Equal([5L, 6], (await watching).Select(e => e.Revision));
    }

    [Fact]
    public async Task A_cancelled_watch_ends_and_the_store_goes_on()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var watching = Task.Run(async () =>
        {
            await foreach (var batch in Store.WatchAsync(Prefix, 1, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        }, Cancelled);
        await PutAsync("/registry/a", "x");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        Assert.True((await PutAsync("/registry/a", "y")).Succeeded);
    }

    [Fact]
    public async Task A_watcher_that_stops_reading_for_long_finds_everything_when_it_goes_on()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        timeout.CancelAfter(Deadline);
        await PutAsync("/registry/first", "x");
        await using var watch = Store.WatchAsync(Prefix, 1, timeout.Token).GetAsyncEnumerator(timeout.Token);
        Assert.True(await watch.MoveNextAsync());
        var revisions = watch.Current.Events.Select(e => e.Revision).ToList();
        var writers = await Task.WhenAll(Enumerable.Range(0, 20).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 150; i++)
            {
                await PutAsync($"/registry/{w}", new string((char)('a' + w), 500));
            }
            return 0;
        })));
        while (watch.Current.Revision < 2 + 150 * writers.Length)
        {
            Assert.True(await watch.MoveNextAsync());
            revisions.AddRange(watch.Current.Events.Select(e => e.Revision));
            Assert.All(watch.Current.Events, e => Assert.Equal(e.Previous?.ModRevision is null, e.Current!.Version == 1));
        }
        Assert.Equal(Enumerable.Range(2, 1 + 150 * writers.Length).Select(r => (long)r), revisions);
    }
}
