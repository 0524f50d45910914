using Kybernet.Store.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Store.Tests.Sqlite;

/// <summary>What is particular to the embedded store: its files, and what survives closing it.</summary>
public sealed class SqliteStoreTests : IDisposable
{
    private readonly string _directory = TestDirectory.Make();
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private SqliteStoreOptions Options => new() { DataDirectory = Path.Combine(_directory, "data"), TimeProvider = _clock };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_reopened_store_has_its_keys_history_revision_and_compaction()
    {
        await using (var store = await SqliteStore.OpenAsync(Options, Cancelled))
        {
            for (var i = 0; i < 10; i++)
            {
                await store.WriteAsync(new Write("/a", new byte[] { (byte)i }, null), Cancelled);
            }
            await store.WriteAsync(new Write("/b", new byte[] { 1 }, 0), Cancelled);
            await store.WriteAsync(new Write("/b", null, null), Cancelled);
            await store.CompactAsync(8, Cancelled);
        }
        await using var reopened = await SqliteStore.OpenAsync(Options, Cancelled);
        Assert.Equal(13, await reopened.GetRevisionAsync(Cancelled));
        Assert.Equal(6, (await reopened.GetAsync("/a", 8, Cancelled))!.Value.Span[0]);
        Assert.Equal((9, 10L), ((await reopened.GetAsync("/a", 0, Cancelled))!.Value.Span[0], (await reopened.GetAsync("/a", 0, Cancelled))!.Version));
        Assert.NotNull(await reopened.GetAsync("/b", 12, Cancelled));
        Assert.Null(await reopened.GetAsync("/b", 0, Cancelled));
        await Assert.ThrowsAsync<CompactedException>(async () => await reopened.GetAsync("/a", 7, Cancelled));
        Assert.Equal(14, (await reopened.WriteAsync(new Write("/b", new byte[] { 2 }, 0), Cancelled)).Revision);
    }

    [Fact]
    public async Task A_store_whose_keys_were_all_deleted_and_compacted_keeps_its_revision()
    {
        await using (var store = await SqliteStore.OpenAsync(Options, Cancelled))
        {
            await store.WriteAsync(new Write("/a", new byte[1], 0), Cancelled);
            await store.WriteAsync(new Write("/a", null, null), Cancelled);
            await store.CompactAsync(3, Cancelled);
        }
        await using var reopened = await SqliteStore.OpenAsync(Options, Cancelled);
        Assert.Equal(3, await reopened.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task A_lease_survives_a_restart_with_its_full_time_and_then_takes_its_keys()
    {
        await using (var store = await SqliteStore.OpenAsync(Options, Cancelled))
        {
            var lease = await store.GrantLeaseAsync(TimeSpan.FromSeconds(10), Cancelled);
            await store.WriteAsync(new Write("/a", new byte[1], 0, lease), Cancelled);
            _clock.Advance(TimeSpan.FromSeconds(9));
        }
        await using var reopened = await SqliteStore.OpenAsync(Options, Cancelled);
        _clock.Advance(TimeSpan.FromSeconds(9));
        await reopened.WriteAsync(new Write("/b", new byte[1], 0), Cancelled); // what the clock set off is done before this
        Assert.NotNull(await reopened.GetAsync("/a", 0, Cancelled));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await foreach (var batch in reopened.WatchAsync("/a", 3, Cancelled))
        {
            Assert.Null(Assert.Single(batch.Events).Current);
            break;
        }
    }

    [Fact]
    public async Task A_directory_that_is_in_use_is_refused_until_it_is_free()
    {
        await using (await SqliteStore.OpenAsync(Options, Cancelled))
        {
            var failure = await Assert.ThrowsAsync<StoreInUseException>(() => SqliteStore.OpenAsync(Options, Cancelled));
            Assert.Equal($"the data directory {Options.DataDirectory} is in use by another process", failure.Message);
        }
        await using var free = await SqliteStore.OpenAsync(Options, Cancelled);
    }

    [Fact]
    public async Task A_file_that_is_no_store_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(Options.DataDirectory);
        var path = Path.Combine(Options.DataDirectory, "store.db");
        await File.WriteAllTextAsync(path, new string('x', 5000), Cancelled);
        await Assert.ThrowsAsync<StoreFormatException>(() => SqliteStore.OpenAsync(Options, Cancelled));
        Assert.Equal(new string('x', 5000), await File.ReadAllTextAsync(path, Cancelled));
    }

    [Fact]
    public async Task Half_a_snapshot_is_refused_and_leaves_no_store()
    {
        using var snapshot = new MemoryStream();
        await using (var store = await SqliteStore.OpenAsync(Options, Cancelled))
        {
            for (var i = 0; i < 50; i++)
            {
                await store.WriteAsync(new Write($"/{i}", new byte[2000], 0), Cancelled);
            }
            await store.SnapshotAsync(snapshot, Cancelled);
        }
        var other = Options with { DataDirectory = Path.Combine(_directory, "other") };
        var half = new MemoryStream(snapshot.ToArray(), 0, (int)snapshot.Length / 2);
        await Assert.ThrowsAsync<StoreFormatException>(() => SqliteStore.RestoreAsync(half, other, Cancelled));
        Assert.False(File.Exists(Path.Combine(other.DataDirectory, "store.db")));
        snapshot.Position = 0;
        await Assert.ThrowsAsync<StoreFormatException>(() => SqliteStore.RestoreAsync(snapshot, Options, Cancelled)); // not over a store
        await SqliteStore.RestoreAsync(snapshot, other, Cancelled);
    }

    [Fact]
    public async Task What_is_asked_of_a_closed_store_fails_and_its_watches_end()
    {
        var store = await SqliteStore.OpenAsync(Options, Cancelled);
        await using var watch = store.WatchAsync("/", 1, Cancelled).GetAsyncEnumerator(Cancelled);
        var next = watch.MoveNextAsync();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await next);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.WriteAsync(new Write("/a", new byte[1], 0), Cancelled));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetAsync("/a", 0, Cancelled));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task The_file_shrinks_to_its_live_data_after_compaction()
    {
        var value = new byte[16 * 1024];
        await using var store = await SqliteStore.OpenAsync(Options, Cancelled);
        for (var i = 0; i < 20; i++)
        {
            // Those that stay are among those that go, all over the file.
            await store.WriteAsync(new Write($"/kept/{i}", value, 0), Cancelled);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => store.WriteAsync(new Write("/changed", value, null), Cancelled).AsTask()));
        }
        var file = new FileInfo(SqliteStore.PathOf(Options.DataDirectory));

        await store.CompactAsync(await store.GetRevisionAsync(Cancelled), Cancelled);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        for (file.Refresh(); file.Length > 2 * 21 * value.Length; file.Refresh())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(value.Length, (await store.GetAsync($"/kept/{i}", 0, Cancelled))!.Value.Length);
        }
    }

    [Fact]
    public async Task Compacting_makes_room_for_new_values()
    {
        await using var store = await SqliteStore.OpenAsync(Options with { CheckpointBytes = 1 }, Cancelled);
        var file = new FileInfo(Path.Combine(Options.DataDirectory, "store.db"));
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 50; i++)
            {
                await store.WriteAsync(new Write("/a", new byte[4000], null), Cancelled);
            }
            await store.CompactAsync(await store.GetRevisionAsync(Cancelled), Cancelled);
        }
        await store.DisposeAsync();
        file.Refresh();
        Assert.InRange(file.Length, 1, 2_000_000); // 1,000 values of 4,000 bytes were written, 50 of them between two compactions
    }
}
