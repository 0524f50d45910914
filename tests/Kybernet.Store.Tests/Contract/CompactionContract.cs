namespace Kybernet.Store.Tests.Contract;

/// <summary>Compaction: what can still be read, and what no longer.</summary>
public abstract class CompactionContract : StoreContract
{
    [Fact]
    public async Task After_a_compaction_the_values_of_that_revision_are_all_there_and_older_reads_fail()
    {
        await PutAsync("/registry/a", "a1");    // 2
        await PutAsync("/registry/a", "a2");    // 3
        await PutAsync("/registry/b", "b1");    // 4
        await DeleteAsync("/registry/b");       // 5
        await PutAsync("/registry/c", "c1");    // 6
        await PutAsync("/registry/a", "a3");    // 7
        await PutAsync("/registry/b", "b2");    // 8
        await Store.CompactAsync(6, Cancelled);

        Assert.Equal("a2", Text(await GetAsync("/registry/a", 6)));
        Assert.Null(await GetAsync("/registry/b", 6));
        Assert.Equal("a3", Text(await GetAsync("/registry/a", 7)));
        Assert.Equal("c1", Text(await GetAsync("/registry/c")));
        Assert.Equal("b2", Text(await GetAsync("/registry/b")));
        Assert.Equal(["/registry/a", "/registry/c"],
            (await Store.RangeAsync(new RangeRequest(Prefix) { Revision = 6 }, Cancelled)).Items.Select(i => i.Key));
        var failure = await Assert.ThrowsAsync<CompactedException>(() => GetAsync("/registry/a", 5));
        Assert.Equal(6, failure.CompactedRevision);
        await Assert.ThrowsAsync<CompactedException>(
            async () => await Store.RangeAsync(new RangeRequest(Prefix) { Revision = 3 }, Cancelled));
        Assert.Equal(8, await Store.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task A_watch_from_before_a_compaction_fails_and_one_from_it_has_every_event()
    {
        await PutManyAsync("a", 10); // 2 to 11
        await PutManyAsync("a", 10); // 12 to 21
        await Store.CompactAsync(15, Cancelled);
        await Assert.ThrowsAsync<CompactedException>(() => WatchUntilAsync(Prefix, after: 5, until: 21));
        var events = await WatchUntilAsync(Prefix, after: 15, until: 21);
        Assert.Equal([16L, 17, 18, 19, 20, 21], events.Select(e => e.Revision));
        Assert.All(events, e => Assert.Equal(e.Revision - 10, e.Previous!.ModRevision));
    }

    [Fact]
    public async Task Compacting_twice_to_one_revision_or_to_one_that_is_to_come_fails()
    {
        await PutManyAsync("a", 10);
        await Store.CompactAsync(6, Cancelled);
        await Assert.ThrowsAsync<CompactedException>(() => Store.CompactAsync(6, Cancelled));
        await Assert.ThrowsAsync<CompactedException>(() => Store.CompactAsync(3, Cancelled));
        await Assert.ThrowsAsync<FutureRevisionException>(() => Store.CompactAsync(12, Cancelled));
        await Store.CompactAsync(11, Cancelled);
        Assert.Equal(10, (await Store.RangeAsync(new RangeRequest(Prefix), Cancelled)).Count);
    }

    [Fact]
    public async Task A_key_that_was_deleted_and_compacted_can_be_made_again()
    {
        await PutAsync("/registry/a", "one");
        var deleted = await DeleteAsync("/registry/a");
        await Store.CompactAsync(deleted.Revision, Cancelled);
        Assert.Null(await GetAsync("/registry/a"));
        var again = await PutAsync("/registry/a", "two", expected: 0);
        Assert.True(again.Succeeded);
        Assert.Equal((4L, 1L), (again.Current!.CreateRevision, again.Current.Version));
    }

    [Fact]
    public async Task Reads_of_the_newest_revision_go_on_while_the_store_is_compacted_again_and_again()
    {
        await PutManyAsync("a", 50);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var writer = Task.Run(async () =>
        {
            for (var round = 0; round < 20; round++)
            {
                var newest = await PutManyAsync("a", 50);
                await Store.CompactAsync(newest, Cancelled);
            }
            await stop.CancelAsync();
        }, Cancelled);
        while (!stop.IsCancellationRequested)
        {
            Assert.Equal(50, (await Store.RangeAsync(new RangeRequest(Prefix), Cancelled)).Items.Count);
            Assert.NotNull(await GetAsync($"{Prefix}a0007"));
        }
        await writer;
    }
}
