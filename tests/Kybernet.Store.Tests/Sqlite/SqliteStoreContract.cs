using Kybernet.Store.Tests.Contract;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Store.Tests.Sqlite;

public sealed class SqliteStoreWriteContract : WriteContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock);
}

public sealed class SqliteStoreReadContract : ReadContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock);
}

public sealed class SqliteStoreWatchContract : WatchContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock);
}

/// <summary>Memory remembers so little here that nearly every event and value comes from disk.</summary>
public sealed class ForgetfulSqliteStoreWatchContract : WatchContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock, recentEvents: 3);
}

/// <summary>Memory remembers so little here that nearly every value comes from disk.</summary>
public sealed class ForgetfulSqliteStoreReadContract : ReadContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock, recentEvents: 3);
}

/// <summary>Memory remembers so little here that nearly every value comes from disk.</summary>
public sealed class ForgetfulSqliteStoreCompactionContract : CompactionContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock, recentEvents: 3);
}

public sealed class SqliteStoreCompactionContract : CompactionContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock);
}

public sealed class SqliteStoreLeaseContract : LeaseContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock);
}

public sealed class SqliteStoreSnapshotContract : SnapshotContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => SqliteFixture.OpenAsync(clock);
}
