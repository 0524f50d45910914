using Kybernet.EtcdHarness;
using Kybernet.Store.Etcd;

namespace Kybernet.Store.Tests.Etcd;

/// <summary>What is particular to etcd: it can be out of reach, and a write can end without anybody knowing how.</summary>
public sealed class EtcdStoreTests : IAsyncLifetime
{
    private static readonly byte[] Value = "{}"u8.ToArray();
    private EtcdCluster _cluster = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await EtcdCluster.StartAsync(new EtcdClusterOptions(), Cancelled);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_write_that_is_sent_and_not_answered_is_reported_as_uncertain_and_not_sent_again()
    {
        await using var store = new EtcdStore(_cluster.StoreOptions with { RequestTimeout = TimeSpan.FromSeconds(3) });
        await WriteUntilCertainAsync(store, "/registry/before");
        await _cluster.SuspendAsync(0, suspended: true, Cancelled);
        await Assert.ThrowsAsync<UncertainWriteException>(async () => await store.WriteAsync(new Write("/registry/a", Value, null), Cancelled));
        await _cluster.SuspendAsync(0, suspended: false, Cancelled);

        await WriteUntilCertainAsync(store, "/registry/after");
        Assert.InRange((await store.GetAsync("/registry/a", 0, Cancelled))?.Version ?? 0, 0, 1);
    }

    [Fact]
    public async Task What_cannot_be_sent_is_reported_as_not_written()
    {
        await using var store = new EtcdStore(_cluster.StoreOptions with { FailoverTimeout = TimeSpan.FromMilliseconds(200) });
        await _cluster.KillAsync(0, Cancelled);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.WriteAsync(new Write("/registry/a", Value, 0), Cancelled));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetRevisionAsync(Cancelled));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.WatchAsync("/registry/", 1, Cancelled).GetAsyncEnumerator(Cancelled).MoveNextAsync());
    }

    [Fact]
    public async Task A_member_that_is_gone_is_passed_over()
    {
        var options = _cluster.StoreOptions;
        await using var store = new EtcdStore(options with { Endpoints = [new Uri("https://127.0.0.1:1"), .. options.Endpoints] });
        Assert.True((await store.WriteAsync(new Write("/registry/a", Value, 0), Cancelled)).Succeeded);
    }

    [Fact]
    public async Task Without_a_certificate_of_its_authority_etcd_lets_nobody_in_and_without_theirs_nobody_trusts_it()
    {
        var options = _cluster.StoreOptions with { FailoverTimeout = TimeSpan.FromMilliseconds(200) };
        foreach (var wrong in (EtcdStoreOptions[])[options with { CertificateFile = null, KeyFile = null }, options with { AuthorityFile = null }])
        {
            await using var store = new EtcdStore(wrong);
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetRevisionAsync(Cancelled));
        }
    }

    [Fact]
    public async Task What_is_asked_of_a_closed_store_fails_and_its_watches_end()
    {
        var store = new EtcdStore(_cluster.StoreOptions);
        await using var watch = store.WatchAsync("/", 1, Cancelled).GetAsyncEnumerator(Cancelled);
        var next = watch.MoveNextAsync();
        await store.DisposeAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await next);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.WriteAsync(new Write("/a", Value, 0), Cancelled));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetRevisionAsync(Cancelled));
    }

    [Fact]
    public async Task A_value_that_is_too_large_for_etcd_is_refused_and_the_store_goes_on()
    {
        await using var store = new EtcdStore(_cluster.StoreOptions);
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.WriteAsync(new Write("/registry/a", new byte[1_900_000], 0), Cancelled));
        Assert.Contains("too large", failure.Message);
        await WriteUntilCertainAsync(store, "/registry/b");
        Assert.Null(await store.GetAsync("/registry/a", 0, Cancelled));
    }

    /// <summary>Writes a key in such a way that it may be tried again and again.</summary>
    private static async Task WriteUntilCertainAsync(EtcdStore store, string key)
    {
        while (true)
        {
            try
            {
                await store.WriteAsync(new Write(key, Value, 0), Cancelled);
                return;
            }
            catch (UncertainWriteException)
            {
                // A machine that is too busy to answer.
            }
        }
    }
}
