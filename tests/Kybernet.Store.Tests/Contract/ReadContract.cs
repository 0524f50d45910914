namespace Kybernet.Store.Tests.Contract;

/// <summary>Reading: one key and ranges, now and at older revisions.</summary>
public abstract class ReadContract : StoreContract
{
    [Fact]
    public async Task A_key_is_read_as_it_was_at_each_revision()
    {
        await PutAsync("/registry/a", "one");                 // 2
        await PutAsync("/registry/a", "two");                 // 3
        await DeleteAsync("/registry/a");                     // 4
        await PutAsync("/registry/a", "three");               // 5
        Assert.Null(await GetAsync("/registry/a", 1));
        Assert.Equal("one", Text(await GetAsync("/registry/a", 2)));
        Assert.Equal("two", Text(await GetAsync("/registry/a", 3)));
        Assert.Null(await GetAsync("/registry/a", 4));
        Assert.Equal("three", Text(await GetAsync("/registry/a", 5)));
        Assert.Equal((5L, 1L), ((await GetAsync("/registry/a"))!.CreateRevision, (await GetAsync("/registry/a"))!.Version));
    }

    [Fact]
    public async Task A_read_of_a_revision_that_is_to_come_fails()
    {
        await PutAsync("/registry/a", "one");
        var failure = await Assert.ThrowsAsync<FutureRevisionException>(() => GetAsync("/registry/a", 3));
        Assert.Equal(2, failure.CurrentRevision);
        await Assert.ThrowsAsync<FutureRevisionException>(
            async () => await Store.RangeAsync(new RangeRequest(Prefix) { Revision = 3 }, Cancelled));
    }

    [Fact]
    public async Task A_range_has_the_keys_of_its_prefix_in_order_whatever_the_order_they_were_made_in()
    {
        foreach (var key in (string[])["/registry/pods/b", "/registry/pods/a", "/registry/podsX", "/registry/pods/a/c", "/registry/nodes/z", "/registry/pods/B"])
        {
            await PutAsync(key, key);
        }
        await DeleteAsync("/registry/pods/b");
        var range = await Store.RangeAsync(new RangeRequest("/registry/pods/"), Cancelled);
        Assert.Equal(["/registry/pods/B", "/registry/pods/a", "/registry/pods/a/c"], range.Items.Select(item => item.Key));
        Assert.Equal(range.Items.Select(item => item.Key), range.Items.Select(item => Text(item)!));
        Assert.Equal(3, range.Count);
        Assert.False(range.More);
        Assert.Equal(8, range.Revision);
    }

    [Fact]
    public async Task A_limited_list_goes_on_at_its_revision_while_the_store_changes()
    {
        var pinned = await PutManyAsync("a", 1200); // more than fits a chunk of the index
        var seen = new List<string>();
        string? after = null;
        while (true)
        {
            var page = await Store.RangeAsync(new RangeRequest(Prefix) { Limit = 500, After = after, Revision = pinned }, Cancelled);
            Assert.Equal(pinned, page.Revision);
            Assert.Equal(1200 - seen.Count, page.Count);
            seen.AddRange(page.Items.Select(item => $"{item.Key}={Text(item)}"));
            if (!page.More)
            {
                break;
            }
            Assert.Equal(500, page.Items.Count);
            after = page.Items[^1].Key;
            await DeleteAsync(after);                            // where the list stands
            await DeleteAsync($"{Prefix}a{seen.Count + 10:0000}"); // ahead of it
            await PutAsync($"{Prefix}a{seen.Count + 20:0000}", "changed");
            await PutAsync($"{Prefix}a{seen.Count + 20:0000}x", "new");
        }
        Assert.Equal(Enumerable.Range(0, 1200).Select(i => $"{Prefix}a{i:0000}=value {i}"), seen);
    }

    [Fact]
    public async Task A_count_reads_no_items()
    {
        await PutManyAsync("a", 30);
        var count = await Store.RangeAsync(new RangeRequest(Prefix) { CountOnly = true, Limit = 5 }, Cancelled);
        Assert.Equal((30L, 0), (count.Count, count.Items.Count));
        Assert.Equal(10, (await Store.RangeAsync(new RangeRequest(Prefix) { CountOnly = true, Revision = 11 }, Cancelled)).Count);
    }

    [Fact]
    public async Task A_range_after_a_key_begins_with_the_next_even_where_that_key_does_not_exist()
    {
        await PutManyAsync("a", 5);
        var range = await Store.RangeAsync(new RangeRequest(Prefix) { After = $"{Prefix}a0002" }, Cancelled);
        Assert.Equal([$"{Prefix}a0003", $"{Prefix}a0004"], range.Items.Select(item => item.Key));
        range = await Store.RangeAsync(new RangeRequest(Prefix) { After = $"{Prefix}a0002x" }, Cancelled);
        Assert.Equal(2, range.Count);
        range = await Store.RangeAsync(new RangeRequest(Prefix) { After = $"{Prefix}zzz" }, Cancelled);
        Assert.Empty(range.Items);
    }

    [Fact]
    public async Task Readers_see_each_acknowledged_write_and_only_whole_revisions_while_writers_write()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        // Two keys are written in turn, so that at every revision the first is equal to the second or one ahead.
        var writer = Task.Run(async () =>
        {
            for (var i = 1; i <= 300; i++)
            {
                await PutAsync("/registry/1", $"{i}");
                await PutAsync("/registry/2", $"{i}");
                Assert.Equal($"{i}", Text(await GetAsync("/registry/2")));
            }
            await stop.CancelAsync();
        }, Cancelled);
        var reads = 0;
        while (!stop.IsCancellationRequested)
        {
            var range = await Store.RangeAsync(new RangeRequest(Prefix), Cancelled);
            var numbers = range.Items.Select(item => int.Parse(Text(item)!)).Concat([0, 0]).Take(2).ToArray();
            Assert.InRange(numbers[0] - numbers[1], 0, 1);
            Assert.All(range.Items, item => Assert.True(item.ModRevision <= range.Revision));
            reads++;
        }
        await writer;
        Assert.True(reads > 0);
    }
}
