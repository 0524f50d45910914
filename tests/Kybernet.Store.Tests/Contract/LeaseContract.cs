namespace Kybernet.Store.Tests.Contract;

/// <summary>Leases: keys that die with them.</summary>
public abstract class LeaseContract : StoreContract
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Keys_of_a_lease_that_is_not_kept_alive_are_deleted_and_watchers_hear_of_it()
    {
        var lease = await Store.GrantLeaseAsync(Ttl, Cancelled);
        var kept = await PutAsync("/registry/kept", "x");
        var bound = await PutAsync("/registry/bound", "x", lease: lease);
        Assert.Equal(lease, bound.Current!.Lease);
        await PassAsync(Ttl - TimeSpan.FromSeconds(1));
        Assert.NotNull(await GetAsync("/registry/bound"));
        await PassAsync(TimeSpan.FromSeconds(2));
        var gone = Assert.Single(await WatchUntilAsync(Prefix, bound.Revision, bound.Revision + 1));
        Assert.Equal("/registry/bound", gone.Key);
        Assert.Null(gone.Current);
        Assert.Equal(lease, gone.Previous!.Lease);
        Assert.Null(await GetAsync("/registry/bound"));
        Assert.Equal(kept.Revision, (await GetAsync("/registry/kept"))!.ModRevision);
        Assert.False(await Store.KeepLeaseAliveAsync(lease, Cancelled));
    }

    [Fact]
    public async Task A_lease_that_is_kept_alive_lives_on()
    {
        var lease = await Store.GrantLeaseAsync(Ttl, Cancelled);
        await PutAsync("/registry/bound", "x", lease: lease);
        for (var i = 0; i < 5; i++)
        {
            await PassAsync(Ttl * 0.8);
            Assert.True(await Store.KeepLeaseAliveAsync(lease, Cancelled));
        }
        Assert.True((await PutAsync("/registry/other", "x")).Succeeded); // whatever the clock set off is done before this
        Assert.NotNull(await GetAsync("/registry/bound"));
        await PassAsync(Ttl * 1.1);
        await EventuallyAsync(async () => await GetAsync("/registry/bound") is null, "the lease ends when nobody renews it any more");
    }

    [Fact]
    public async Task A_revoked_lease_takes_its_keys_with_it_at_once()
    {
        var lease = await Store.GrantLeaseAsync(Ttl, Cancelled);
        await PutAsync("/registry/a", "x", lease: lease);
        await PutAsync("/registry/b", "x", lease: lease);
        await PutAsync("/registry/c", "x");
        await Store.RevokeLeaseAsync(lease, Cancelled);
        Assert.Equal(["/registry/c"], (await Store.RangeAsync(new RangeRequest(Prefix), Cancelled)).Items.Select(i => i.Key));
        Assert.False(await Store.KeepLeaseAliveAsync(lease, Cancelled));
        await Store.RevokeLeaseAsync(lease, Cancelled); // gone already
    }

    [Fact]
    public async Task A_key_written_without_the_lease_outlives_it()
    {
        var lease = await Store.GrantLeaseAsync(Ttl, Cancelled);
        var other = await Store.GrantLeaseAsync(Ttl, Cancelled);
        await PutAsync("/registry/a", "x", lease: lease);
        await PutAsync("/registry/b", "x", lease: lease);
        await PutAsync("/registry/a", "y");
        await PutAsync("/registry/b", "y", lease: other);
        await Store.RevokeLeaseAsync(lease, Cancelled);
        Assert.Equal("y", Text(await GetAsync("/registry/a")));
        Assert.Equal("y", Text(await GetAsync("/registry/b")));
        await Store.RevokeLeaseAsync(other, Cancelled);
        Assert.Null(await GetAsync("/registry/b"));
    }

    [Fact]
    public async Task A_write_with_a_lease_that_does_not_exist_fails()
    {
        var failure = await Assert.ThrowsAsync<LeaseNotFoundException>(() => PutAsync("/registry/a", "x", lease: 4711));
        Assert.Equal(4711, failure.Lease);
        Assert.Null(await GetAsync("/registry/a"));
        Assert.Equal(1, await Store.GetRevisionAsync(Cancelled));
    }
}
