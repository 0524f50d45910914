namespace Kybernet.Store.Tests.Contract;

/// <summary>Writing: preconditions, revisions, versions.</summary>
public abstract class WriteContract : StoreContract
{
    [Fact]
    public async Task A_new_store_is_at_revision_1_and_empty()
    {
        Assert.Equal(1, await Store.GetRevisionAsync(Cancelled));
        Assert.Equal(0, (await Store.RangeAsync(new RangeRequest(""), Cancelled)).Count);
    }

    [Fact]
    public async Task A_create_makes_the_next_revision_and_version_1()
    {
        var made = await PutAsync("/registry/a", "one", expected: 0);
        Assert.True(made.Succeeded);
        Assert.Equal(2, made.Revision);
        var read = await GetAsync("/registry/a");
        Assert.Equal("one", Text(read));
        Assert.Equal((2L, 2L, 1L, 0L), (read!.CreateRevision, read.ModRevision, read.Version, read.Lease));
        Assert.Equal(read.ModRevision, made.Current!.ModRevision);
        Assert.Equal("one", Text(made.Current));
        Assert.Equal(2, await Store.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task A_create_of_a_key_that_exists_answers_with_what_is_there()
    {
        await PutAsync("/registry/a", "one", expected: 0);
        var refused = await PutAsync("/registry/a", "two", expected: 0);
        Assert.False(refused.Succeeded);
        Assert.Equal(2, refused.Revision);
        Assert.Equal("one", Text(refused.Current));
        Assert.Equal(2, refused.Current!.ModRevision);
        Assert.Equal(2, await Store.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task An_update_at_the_revision_that_the_writer_saw_keeps_the_create_revision_and_counts_the_version()
    {
        var made = await PutAsync("/registry/a", "one", expected: 0);
        await PutAsync("/registry/other", "x");
        var updated = await PutAsync("/registry/a", "two", expected: made.Revision);
        Assert.True(updated.Succeeded);
        Assert.Equal(4, updated.Revision);
        Assert.Equal((2L, 4L, 2L), (updated.Current!.CreateRevision, updated.Current.ModRevision, updated.Current.Version));
        Assert.Equal("two", Text(await GetAsync("/registry/a")));
    }

    [Fact]
    public async Task A_stale_update_changes_nothing()
    {
        var made = await PutAsync("/registry/a", "one", expected: 0);
        await PutAsync("/registry/a", "two", expected: made.Revision);
        var stale = await PutAsync("/registry/a", "three", expected: made.Revision);
        Assert.False(stale.Succeeded);
        Assert.Equal("two", Text(stale.Current));
        Assert.Equal("two", Text(await GetAsync("/registry/a")));
        Assert.Equal(3, await Store.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task An_update_of_a_key_that_does_not_exist_finds_nothing_there()
    {
        var refused = await PutAsync("/registry/a", "one", expected: 7);
        Assert.False(refused.Succeeded);
        Assert.Null(refused.Current);
    }

    [Fact]
    public async Task A_delete_is_a_revision_and_a_key_made_again_begins_at_version_1()
    {
        var made = await PutAsync("/registry/a", "one", expected: 0);
        var deleted = await DeleteAsync("/registry/a", made.Revision);
        Assert.True(deleted.Succeeded);
        Assert.Equal(3, deleted.Revision);
        Assert.Null(deleted.Current);
        Assert.Null(await GetAsync("/registry/a"));
        var again = await PutAsync("/registry/a", "two", expected: 0);
        Assert.Equal((4L, 4L, 1L), (again.Current!.CreateRevision, again.Current.ModRevision, again.Current.Version));
    }

    [Fact]
    public async Task A_stale_delete_deletes_nothing()
    {
        var made = await PutAsync("/registry/a", "one", expected: 0);
        await PutAsync("/registry/a", "two");
        var stale = await DeleteAsync("/registry/a", made.Revision);
        Assert.False(stale.Succeeded);
        Assert.Equal("two", Text(stale.Current));
        Assert.Equal("two", Text(await GetAsync("/registry/a")));
    }

    [Fact]
    public async Task Deleting_what_does_not_exist_makes_no_revision()
    {
        Assert.True((await DeleteAsync("/registry/a")).Succeeded);
        Assert.True((await DeleteAsync("/registry/a", expected: 0)).Succeeded);
        Assert.False((await DeleteAsync("/registry/a", expected: 9)).Succeeded);
        Assert.Equal(1, await Store.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task Empty_values_and_keys_of_any_script_are_kept_as_they_are()
    {
        await PutAsync("/registry/émile/東京", "");
        var read = await GetAsync("/registry/émile/東京");
        Assert.Equal(0, read!.Value.Length);
        var big = new byte[1_500_000];
        Random.Shared.NextBytes(big);
        await Store.WriteAsync(new Write("/registry/big", big, 0), Cancelled);
        Assert.True((await GetAsync("/registry/big"))!.Value.Span.SequenceEqual(big));
    }

    [Fact]
    public async Task A_write_whose_token_has_fired_is_cancelled()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Store.WriteAsync(new Write("/registry/a", Bytes("x"), null), new CancellationToken(canceled: true)));
        Assert.Null(await GetAsync("/registry/a"));
    }

    [Fact]
    public async Task Many_writers_that_count_by_compare_and_set_lose_no_count()
    {
        const int writers = 16, each = 40;
        await PutAsync("/registry/counter", "0", expected: 0);
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            var seen = await GetAsync("/registry/counter");
            for (var done = 0; done < each;)
            {
                var answer = await PutAsync("/registry/counter", $"{int.Parse(Text(seen)!) + 1}", seen!.ModRevision);
                done += answer.Succeeded ? 1 : 0;
                seen = answer.Current;
            }
        })));
        var final = await GetAsync("/registry/counter");
        Assert.Equal($"{writers * each}", Text(final));
        Assert.Equal(writers * each + 1, final!.Version);
        Assert.Equal(writers * each + 2, await Store.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task Concurrent_writes_get_consecutive_revisions_each_its_own()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() => PutAsync($"/registry/{i}", "x", expected: 0))));
        Assert.Equal(Enumerable.Range(2, 300).Select(r => (long)r), results.Select(r => r.Revision).Order());
    }

    [Fact]
    public async Task Of_concurrent_creates_of_one_key_one_succeeds_and_the_others_see_it()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => PutAsync("/registry/a", $"{i}", expected: 0))));
        var winner = Assert.Single(results, r => r.Succeeded);
        Assert.All(results, r => Assert.Equal(winner.Revision, r.Current!.ModRevision));
        Assert.All(results, r => Assert.Equal(Text(winner.Current), Text(r.Current)));
    }
}
