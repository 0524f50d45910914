namespace Kybernet.Store.Tests.Contract;

/// <summary>Snapshots: a store made from one is the store it was taken of, at one revision.</summary>
public abstract class SnapshotContract : StoreContract
{
    [Fact]
    public async Task A_store_restored_from_a_snapshot_has_every_key_and_revision()
    {
        await PutManyAsync("a", 200);
        await DeleteAsync($"{Prefix}a0007");
        await PutAsync($"{Prefix}a0008", "changed");
        using var snapshot = new MemoryStream();
        await Store.SnapshotAsync(snapshot, Cancelled);
        var expected = await Store.RangeAsync(new RangeRequest(""), Cancelled);
        await PutAsync($"{Prefix}later", "not in the snapshot");

        snapshot.Position = 0;
        await using var restored = await Fixture.RestoreAsync(snapshot);
        var actual = await restored.Store.RangeAsync(new RangeRequest(""), Cancelled);
        Assert.Equal(expected.Items.Select(Describe), actual.Items.Select(Describe));
        Assert.True(actual.Revision >= expected.Revision);
        Assert.True((await restored.Store.WriteAsync(new Write($"{Prefix}new", Bytes("x"), 0), Cancelled)).Revision > expected.Revision);
    }

    [Fact]
    public async Task A_snapshot_taken_during_writes_is_one_moment_of_the_store()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await PutAsync($"{Prefix}{w}/{i:000000}", $"{i}", expected: 0);
            }
        })).ToArray();
        await EventuallyAsync(async () => await Store.GetRevisionAsync(Cancelled) > 100, "the writers get going");
        using var snapshot = new MemoryStream();
        await Store.SnapshotAsync(snapshot, Cancelled);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        snapshot.Position = 0;
        await using var restored = await Fixture.RestoreAsync(snapshot);
        var copy = await restored.Store.RangeAsync(new RangeRequest(""), Cancelled);
        Assert.True(copy.Count >= 100);
        // Every revision made one key, so a moment of the store is its first so many revisions, each of them there.
        Assert.Equal(Enumerable.Range(2, (int)copy.Count).Select(r => (long)r), copy.Items.Select(i => i.ModRevision).Order());
        var original = await Store.RangeAsync(new RangeRequest("") { Revision = copy.Count + 1 }, Cancelled);
        Assert.Equal(original.Items.Select(Describe), copy.Items.Select(Describe));
    }

    private static string Describe(KeyValue item) => $"{item.Key} {item.CreateRevision} {item.ModRevision} {item.Version} {Text(item)}";
}
