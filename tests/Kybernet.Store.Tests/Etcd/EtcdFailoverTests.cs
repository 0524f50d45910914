using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Kybernet.EtcdHarness;
using Kybernet.Store.Etcd;

namespace Kybernet.Store.Tests.Etcd;

/// <summary>Three members, of which one is killed under load: nothing that was acknowledged may be lost, and no watcher may miss anything.</summary>
public sealed class EtcdFailoverTests
{
    private const int Writers = 8;
    private const int WritesPerPhase = 200;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private readonly ConcurrentDictionary<string, long> _acknowledged = new();
    private readonly ConcurrentDictionary<string, bool> _uncertain = new();
    private readonly ConcurrentQueue<StoreEvent> _watched = new();
    private int _names;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_acknowledged_write_is_found_after_a_member_was_killed_under_load(bool isLeader)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Deadline);
        await using var cluster = await EtcdCluster.StartAsync(new EtcdClusterOptions { Members = 3, Durable = true }, timeout.Token);
        var leader = await cluster.LeaderAsync(timeout.Token);
        var victim = isLeader ? leader : (leader + 1) % 3;
        // The victim is the one that the store talks to.
        var endpoints = cluster.Endpoints;
        await using var store = new EtcdStore(cluster.StoreOptions with { Endpoints = [endpoints[victim], endpoints[(victim + 1) % 3], endpoints[(victim + 2) % 3]] });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token);
        var watching = WatchAsync(store, stop.Token);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(store, stop.Token, timeout.Token)));

        await AcknowledgedAsync(WritesPerPhase, timeout.Token);
        await cluster.KillAsync(victim, timeout.Token);
        await AcknowledgedAsync(_acknowledged.Count + WritesPerPhase, timeout.Token);
        cluster.Start(victim);
        await AcknowledgedAsync(_acknowledged.Count + WritesPerPhase, timeout.Token);
        await stop.CancelAsync();
        await writing;
        await watching;

        await CheckAsync(store, timeout.Token);
    }

    private async Task WriteAsync(EtcdStore store, CancellationToken stop, CancellationToken cancellationToken)
    {
        while (!stop.IsCancellationRequested)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"/registry/{Interlocked.Increment(ref _names)}");
            try
            {
                var result = await store.WriteAsync(new Write(key, Encoding.UTF8.GetBytes(key), 0), cancellationToken);
                Assert.True(result.Succeeded, $"{key} was written twice");
                _acknowledged[key] = result.Revision;
            }
            catch (UncertainWriteException)
            {
                _uncertain[key] = true;
            }
            catch (StoreUnavailableException)
            {
                // Not written: nothing to remember.
            }
        }
    }

    /// <summary>Watches as the API server does: from where it was, again and again.</summary>
    private async Task WatchAsync(EtcdStore store, CancellationToken stop)
    {
        long reached = 1;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var batch in store.WatchAsync("/registry/", reached, stop))
                {
                    foreach (var change in batch.Events)
                    {
                        _watched.Enqueue(change);
                    }
                    reached = batch.Revision;
                }
            }
            catch (StoreUnavailableException)
            {
                // The members are electing.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task AcknowledgedAsync(int count, CancellationToken cancellationToken)
    {
        while (_acknowledged.Count < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    private async Task CheckAsync(EtcdStore store, CancellationToken cancellationToken)
    {
        var range = await store.RangeAsync(new RangeRequest("/registry/"), cancellationToken);
        var found = range.Items.ToDictionary(item => item.Key);
        Assert.All(_acknowledged, write => Assert.Equal(write.Value, found[write.Key].ModRevision));
        Assert.All(found.Values, item =>
        {
            Assert.Equal(item.Key, Encoding.UTF8.GetString(item.Value.Span));
            Assert.Equal(1, item.Version);
            Assert.True(_acknowledged.ContainsKey(item.Key) || _uncertain.ContainsKey(item.Key), $"{item.Key} was reported as not written");
        });
        // Each revision made one key: the watch has them all, once and in order, as far as it came.
        Assert.NotEmpty(_watched);
        Assert.Equal(Enumerable.Range(2, _watched.Count).Select(revision => (long)revision), _watched.Select(change => change.Revision));
    }
}
