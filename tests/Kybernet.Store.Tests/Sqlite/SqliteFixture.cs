using Kybernet.Store.Sqlite;
using Kybernet.Store.Tests.Contract;

namespace Kybernet.Store.Tests.Sqlite;

/// <summary>A <see cref="SqliteStore"/> in a directory of its own, which goes with it.</summary>
internal sealed class SqliteFixture : IStoreFixture
{
    private readonly SqliteStoreOptions _options;
    private readonly SqliteStore _store;

    private SqliteFixture(SqliteStoreOptions options, SqliteStore store)
    {
        _options = options;
        _store = store;
    }

    public IStore Store => _store;

    public static async Task<IStoreFixture> OpenAsync(TimeProvider clock, int recentEvents = 8192)
    {
        var options = new SqliteStoreOptions { DataDirectory = TestDirectory.Make(), TimeProvider = clock, RecentEvents = recentEvents };
        return new SqliteFixture(options, await SqliteStore.OpenAsync(options, TestContext.Current.CancellationToken));
    }

    public async Task<IStoreFixture> RestoreAsync(Stream snapshot)
    {
        var options = _options with { DataDirectory = TestDirectory.Make() };
        await SqliteStore.RestoreAsync(snapshot, options, TestContext.Current.CancellationToken);
        return new SqliteFixture(options, await SqliteStore.OpenAsync(options, TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_options.DataDirectory, recursive: true);
    }
}
