using Kybernet.Store.Tests.Contract;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Store.Tests.Etcd;

public sealed class EtcdStoreWriteContract : WriteContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => EtcdFixture.OpenAsync();
}

public sealed class EtcdStoreReadContract : ReadContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => EtcdFixture.OpenAsync();
}

public sealed class EtcdStoreWatchContract : WatchContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => EtcdFixture.OpenAsync();
}

/// <summary>Three members, the store talking to the first: what it writes there, it has to find wherever the leader is.</summary>
public sealed class ClusteredEtcdStoreWatchContract : WatchContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => EtcdFixture.OpenAsync(members: 3);
}

public sealed class EtcdStoreCompactionContract : CompactionContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => EtcdFixture.OpenAsync();
}

public sealed class EtcdStoreLeaseContract : LeaseContract
{
    /// <summary>
    /// etcd has the real clock. A third of the time is enough for a lease to end that was to be kept alive and was not, and leaves a busy
    /// machine time enough to find one that is to be there.
    /// </summary>
    private const int Haste = 3;

    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => EtcdFixture.OpenAsync();

    protected override Task PassAsync(TimeSpan time) => Task.Delay(time / Haste, TimeProvider.System, Cancelled);
}

public sealed class EtcdStoreSnapshotContract : SnapshotContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => EtcdFixture.OpenAsync();
}
