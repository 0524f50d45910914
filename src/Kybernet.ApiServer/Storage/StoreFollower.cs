using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.ApiServer.Authorization;
using Kybernet.Store;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Storage;

/// <summary>
/// Keeps every <see cref="ResourceCache"/> up to date from one watch of the whole store, in the store's order, so that one number says how far
/// all of them are. A reader who needs to see a write waits for that number to reach the write's revision.
/// </summary>
internal sealed partial class StoreFollower(IStore store, Func<GroupResource, Func<EncodedObject, string?>?> indexedField, TimeProvider time, ILogger<StoreFollower> logger)
    : IObjectFeeds
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<GroupResource, ResourceCache> _caches = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiters = new();
    private long _revision;

    /// <summary>The revision that every cache shows.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>The cache of a resource.</summary>
    public ResourceCache Cache(GroupResource resource) => _caches.GetOrAdd(resource, static (key, field) => new ResourceCache(field(key)), indexedField);

    /// <inheritdoc/>
    public IObjectFeed Of(GroupResource resource) => Cache(resource);

    /// <summary>The caches of all resources that have ever had an object or a reader.</summary>
    public IEnumerable<KeyValuePair<GroupResource, ResourceCache>> Caches => _caches;

    /// <summary>How many objects of a resource there are.</summary>
    public int Count(GroupResource resource) => _caches.TryGetValue(resource, out var cache) ? cache.Snapshot.Items.Count : 0;

    /// <summary>Loads everything; the server answers nothing before that.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var range = await store.RangeAsync(new RangeRequest(StorageKey.Root), cancellationToken);
        var byResource = new Dictionary<GroupResource, List<KeyValuePair<string, EncodedObject>>>();
        foreach (var item in range.Items)
        {
            if (!StorageKey.TryParse(item.Key, out var resource, out var local))
            {
                if (!item.Key.StartsWith(StorageKey.Ranges, StringComparison.Ordinal))
                {
                    LogForeignKey(item.Key);
                }
                continue;
            }
            if (!byResource.TryGetValue(resource, out var items))
            {
                byResource[resource] = items = [];
            }
            items.Add(new KeyValuePair<string, EncodedObject>(local, Decode(item)));
        }
        foreach (var resource in byResource.Keys.Union(_caches.Keys))
        {
            Cache(resource).Reset(byResource.GetValueOrDefault(resource, []), range.Revision);
        }
        Advance(range.Revision);
    }

    /// <summary>Follows the store until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isBehind = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (isBehind)
                {
                    await LoadAsync(cancellationToken);
                    isBehind = false;
                }
                await foreach (var batch in store.WatchAsync(StorageKey.Root, Revision, cancellationToken))
                {
                    Apply(batch);
                }
            }
            catch (CompactedException)
            {
                isBehind = true;
                continue;
            }
            catch (StoreUnavailableException exception)
            {
                LogDisconnected(exception);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Completes when every cache shows a revision.</summary>
    public Task WaitForAsync(long revision, CancellationToken cancellationToken)
    {
        if (Revision >= revision)
        {
            return Task.CompletedTask;
        }
        TaskCompletionSource waiter;
        lock (_waiters)
        {
            if (Revision >= revision)
            {
                return Task.CompletedTask;
            }
            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Enqueue(waiter, revision);
        }
        return waiter.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Completes when every cache shows what the store held when this was asked: what makes a read from the cache a consistent one.</summary>
    /// <returns>That revision.</returns>
    public async ValueTask<long> CatchUpAsync(CancellationToken cancellationToken)
    {
        var revision = await store.GetRevisionAsync(cancellationToken);
        if (Revision < revision)
        {
            await WaitForAsync(revision, cancellationToken);
        }
        return revision;
    }

    private static EncodedObject Decode(KeyValue item) => EncodedObject.Parse(ResourceVersionSplice.Insert(item.Value.Span, item.ModRevision));

    private void Apply(EventBatch batch)
    {
        foreach (var change in batch.Events)
        {
            if (StorageKey.TryParse(change.Key, out var resource, out var local))
            {
                Cache(resource).Apply(local, change.Current is null ? null : Decode(change.Current), change.Revision);
            }
        }
        Advance(batch.Revision);
    }

    private void Advance(long revision)
    {
        lock (_waiters)
        {
            Volatile.Write(ref _revision, Math.Max(_revision, revision));
            while (_waiters.TryPeek(out var waiter, out var wanted) && wanted <= revision)
            {
                _waiters.Dequeue();
                waiter.SetResult();
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The store has a key that is no object's: {Key}")]
    private partial void LogForeignKey(string key);

    [LoggerMessage(LogLevel.Warning, "The store cannot be followed; trying again")]
    private partial void LogDisconnected(Exception exception);
}
