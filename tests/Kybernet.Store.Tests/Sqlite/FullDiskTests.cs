using Kybernet.Store.Sqlite;

namespace Kybernet.Store.Tests.Sqlite;

public sealed class FullDiskTests : IDisposable
{
    private static readonly byte[] Value = new byte[4000];
    private readonly string _directory = TestDirectory.Make();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_database_that_may_not_grow_refuses_writes_and_takes_them_again_after_a_compaction()
    {
        var options = new SqliteStoreOptions { DataDirectory = _directory, MaxPages = 200 };
        var acknowledged = new Dictionary<string, long>();
        await using (var store = await SqliteStore.OpenAsync(options, Cancelled))
        {
            await FillAsync(store, acknowledged);
            await CheckAsync(store, acknowledged);

            // Superseded values are what there is to free.
            await store.CompactAsync(await store.GetRevisionAsync(Cancelled), Cancelled);
            await WriteAgainAsync(store, acknowledged);
            await CheckAsync(store, acknowledged);
        }
        await using var reopened = await SqliteStore.OpenAsync(options, Cancelled);
        await CheckAsync(reopened, acknowledged);
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_that_was_acknowledged_and_the_store_goes_on_when_there_is_space()
    {
        using var disk = SmallDisk.Mount(megabytes: 6);
        disk.FillUpTo(freeBytes: 3 << 20);
        var options = new SqliteStoreOptions { DataDirectory = disk.DataDirectory };
        var acknowledged = new Dictionary<string, long>();
        await using (var store = await SqliteStore.OpenAsync(options, Cancelled))
        {
            await FillAsync(store, acknowledged);
            await CheckAsync(store, acknowledged);
            disk.TakeOutBallast();
            await WriteAgainAsync(store, acknowledged);
            await CheckAsync(store, acknowledged);
        }
        await using var reopened = await SqliteStore.OpenAsync(options, Cancelled);
        await CheckAsync(reopened, acknowledged);
    }

    /// <summary>Writes with several writers until each has been refused.</summary>
    private static async Task FillAsync(SqliteStore store, Dictionary<string, long> acknowledged)
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 5000; i++)
            {
                var key = $"/full/{writer}/{i % 20}"; // mostly updates, which a compaction can shrink
                WriteResult result;
                try
                {
                    result = await store.WriteAsync(new Write(key, Value, null), Cancelled);
                }
                catch (StoreUnavailableException failure)
                {
                    Assert.Contains("disk is full", failure.Message);
                    return;
                }
                lock (acknowledged)
                {
                    acknowledged[key] = result.Revision;
                }
            }
            Assert.Fail("the disk was never full");
        })));
        Assert.NotEmpty(acknowledged);
    }

    /// <summary>Writes one key as soon as the store takes it, then a few more, which must succeed.</summary>
    private static async Task WriteAgainAsync(SqliteStore store, Dictionary<string, long> acknowledged)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                acknowledged["/full/again"] = (await store.WriteAsync(new Write("/full/again", Value, null), timeout.Token)).Revision;
                break;
            }
            catch (StoreUnavailableException)
            {
                // The rows that were compacted away go a few at a time.
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, timeout.Token);
            }
        }
        for (var i = 0; i < 10; i++)
        {
            acknowledged[$"/full/after/{i}"] = (await store.WriteAsync(new Write($"/full/after/{i}", Value, 0), Cancelled)).Revision;
        }
    }

    private static async Task CheckAsync(SqliteStore store, Dictionary<string, long> acknowledged)
    {
        var range = await store.RangeAsync(new RangeRequest("/full/"), Cancelled);
        Assert.Equal(acknowledged, range.Items.ToDictionary(item => item.Key, item => item.ModRevision));
        Assert.All(range.Items, item => Assert.Equal(Value.Length, item.Value.Length));
        Assert.Equal(range.Revision, acknowledged.Values.Max());
    }
}
