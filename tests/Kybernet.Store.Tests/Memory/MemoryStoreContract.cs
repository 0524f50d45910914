using Kybernet.Store.Memory;
using Kybernet.Store.Tests.Contract;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Store.Tests.Memory;

public sealed class MemoryStoreWriteContract : WriteContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => MemoryFixture.OpenAsync(clock);
}

public sealed class MemoryStoreReadContract : ReadContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => MemoryFixture.OpenAsync(clock);
}

public sealed class MemoryStoreWatchContract : WatchContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => MemoryFixture.OpenAsync(clock);
}

public sealed class MemoryStoreCompactionContract : CompactionContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => MemoryFixture.OpenAsync(clock);
}

public sealed class MemoryStoreLeaseContract : LeaseContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => MemoryFixture.OpenAsync(clock);
}

public sealed class MemoryStoreSnapshotContract : SnapshotContract
{
    protected override Task<IStoreFixture> OpenAsync(FakeTimeProvider clock) => MemoryFixture.OpenAsync(clock);

    [Theory]
    [InlineData("")]
    [InlineData("something else altogether")]
    public async Task What_is_no_snapshot_is_not_restored(string content)
    {
        using var stream = new MemoryStream(Bytes(content));
        await Assert.ThrowsAsync<StoreFormatException>(() => Fixture.RestoreAsync(stream));
    }
}

/// <summary>A <see cref="MemoryStore"/> of its own.</summary>
internal sealed class MemoryFixture(MemoryStore store, TimeProvider clock) : IStoreFixture
{
    public IStore Store => store;

    public static Task<IStoreFixture> OpenAsync(TimeProvider clock) => Task.FromResult<IStoreFixture>(new MemoryFixture(new MemoryStore(clock), clock));

    public async Task<IStoreFixture> RestoreAsync(Stream snapshot) =>
        new MemoryFixture(await MemoryStore.RestoreAsync(snapshot, clock, TestContext.Current.CancellationToken), clock);

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
