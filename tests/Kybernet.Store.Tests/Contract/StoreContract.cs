using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.Store.Tests.Contract;

/// <summary>
/// What any <see cref="IStore"/> must do. The parts of it are the abstract classes beside this one; a store passes the contract when a
/// class of its own derives from each. A test has a store to itself, and keys under <see cref="Prefix"/>.
/// </summary>
public abstract class StoreContract : IAsyncLifetime
{
    /// <summary>How long a condition may take before a test gives up.</summary>
    protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    protected const string Prefix = "/registry/";
    private IStoreFixture? _fixture;

    /// <summary>The store under test.</summary>
    protected IStore Store => Fixture.Store;

    /// <summary>The clock that the leases run by of a store that is in this process.</summary>
    private FakeTimeProvider Clock { get; } = new();

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected IStoreFixture Fixture => _fixture ?? throw new InvalidOperationException("the test has not begun");

    public async ValueTask InitializeAsync() => _fixture = await OpenAsync(Clock);

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new, empty store.</summary>
    protected abstract Task<IStoreFixture> OpenAsync(FakeTimeProvider clock);

    /// <summary>Lets time pass for the store's leases; one that has a clock of its own may let less pass, and does the rest while it is waited for.</summary>
    protected virtual Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        return Task.CompletedTask;
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string? Text(KeyValue? value) => value is null ? null : Encoding.UTF8.GetString(value.Value.Span);

    protected async Task<WriteResult> PutAsync(string key, string value, long? expected = null, long lease = 0) =>
        await Store.WriteAsync(new Write(key, Bytes(value), expected, lease), Cancelled);

    protected async Task<WriteResult> DeleteAsync(string key, long? expected = null) =>
        await Store.WriteAsync(new Write(key, null, expected), Cancelled);

    protected async Task<KeyValue?> GetAsync(string key, long revision = 0) => await Store.GetAsync(key, revision, Cancelled);

    /// <summary>Writes <c>Prefix/name0000</c> and so on.</summary>
    protected async Task<long> PutManyAsync(string name, int count)
    {
        long revision = 0;
        for (var i = 0; i < count; i++)
        {
            revision = (await PutAsync($"{Prefix}{name}{i:0000}", $"value {i}")).Revision;
        }
        return revision;
    }

    /// <summary>Follows a watch until it has reached a revision.</summary>
    protected async Task<List<StoreEvent>> WatchUntilAsync(string prefix, long after, long until)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        timeout.CancelAfter(Deadline);
        var events = new List<StoreEvent>();
        if (after >= until)
        {
            return events;
        }
        await foreach (var batch in Store.WatchAsync(prefix, after, timeout.Token))
        {
            events.AddRange(batch.Events);
            Assert.All(batch.Events, e => Assert.True(e.Revision <= batch.Revision));
            if (batch.Revision >= until)
            {
                break;
            }
        }
        return events;
    }

    /// <summary>Looks again and again until a condition holds.</summary>
    protected static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        using var timeout = new CancellationTokenSource(Deadline);
        while (!await condition())
        {
            Assert.False(timeout.IsCancellationRequested, $"not in time: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Cancelled);
        }
    }
}

/// <summary>A store and what has to go when the test is over.</summary>
public interface IStoreFixture : IAsyncDisposable
{
    IStore Store { get; }

    /// <summary>A second, new store that is made from a snapshot.</summary>
    Task<IStoreFixture> RestoreAsync(Stream snapshot);
}
