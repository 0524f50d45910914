using System.Text;
using Kybernet.Store.Sqlite;
using Kybernet.Store.Sqlite.Repair;

namespace Kybernet.Store.Tests.Sqlite;

public sealed class RepairTests : IDisposable
{
    private const int Keys = 2000;
    private const int PageSize = 8192;
    private readonly string _directory = TestDirectory.Make();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_directory, "store.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_whole_store_has_no_problems_even_while_it_is_written()
    {
        await using var store = await FillAsync();
        await store.CompactAsync(Keys, Cancelled);
        var report = await StoreCheck.CheckAsync(_directory, Cancelled);
        Assert.Empty(report.Problems);
        Assert.Equal((await store.GetRevisionAsync(Cancelled), Keys - 1L), (report.Revision, report.Keys));
        await Assert.ThrowsAsync<StoreInUseException>(() => StoreRepair.RepairAsync(_directory, TimeProvider.System, Cancelled));
    }

    [Fact]
    public async Task A_damaged_page_is_found_and_all_that_is_not_on_it_is_saved()
    {
        await (await FillAsync()).DisposeAsync();
        var original = await System.IO.File.ReadAllBytesAsync(File, Cancelled);
        // A page in the middle of the values.
        var damaged = (byte[])original.Clone();
        damaged.AsSpan(original.Length / PageSize / 2 * PageSize, PageSize).Fill(0xAA);
        await System.IO.File.WriteAllBytesAsync(File, damaged, Cancelled);

        Assert.NotEmpty((await StoreCheck.CheckAsync(_directory, Cancelled)).Problems);
        var repaired = await StoreRepair.RepairAsync(_directory, TimeProvider.System, Cancelled);
        Assert.NotEmpty(repaired.Lost);
        Assert.InRange(repaired.Keys, Keys - 50, Keys - 1);
        Assert.Equal(damaged, await System.IO.File.ReadAllBytesAsync(Path.Combine(repaired.DamagedFiles, "store.db"), Cancelled));
        Assert.Empty((await StoreCheck.CheckAsync(_directory, Cancelled)).Problems);

        await using var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { DataDirectory = _directory }, Cancelled);
        var range = await store.RangeAsync(new RangeRequest(""), Cancelled);
        Assert.Equal(repaired.Keys, range.Count);
        Assert.All(range.Items, static item => Assert.Equal(ValueOf(item.Key), Encoding.UTF8.GetString(item.Value.Span)));
        Assert.DoesNotContain(range.Items, static item => item.Key == Key(0));
        // No revision of before is used again, and whoever watched from one has to list.
        Assert.True((await store.WriteAsync(new Write(Key(0), "{}"u8.ToArray(), 0), Cancelled)).Revision > repaired.Revision);
        await Assert.ThrowsAsync<CompactedException>(() => store.WatchAsync("", Keys, Cancelled).GetAsyncEnumerator(Cancelled).MoveNextAsync().AsTask());
    }

    [Fact]
    public async Task A_value_that_is_no_object_and_a_missing_one_are_found()
    {
        await using (var store = await FillAsync())
        {
            await store.WriteAsync(new Write("/registry/core/pods/broken", "{\"kind\":"u8.ToArray(), 0), Cancelled);
        }
        var report = await StoreCheck.CheckAsync(_directory, Cancelled);
        Assert.EndsWith("of /registry/core/pods/broken: its value is no object", Assert.Single(report.Problems), StringComparison.Ordinal);
    }

    private static string Key(int i) => $"/registry/core/configmaps/default/c{i}";

    private static string ValueOf(string key) => $$"""{"kind":"ConfigMap","name":"{{key}}","data":"{{new string('x', 900)}}"}""";

    /// <summary>A store with keys of which one is deleted again.</summary>
    private async Task<SqliteStore> FillAsync()
    {
        var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { DataDirectory = _directory }, Cancelled);
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(i => store.WriteAsync(new Write(Key(i), Encoding.UTF8.GetBytes(ValueOf(Key(i))), 0), Cancelled).AsTask()));
        await store.WriteAsync(new Write(Key(0), null, null), Cancelled);
        return store;
    }
}
