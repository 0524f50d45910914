using System.Runtime.CompilerServices;
using Kybernet.Store.Index;
using Kybernet.Store.Leases;
using Kybernet.Store.Watching;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Store.Memory;

/// <summary>
/// A store that lives and dies with its process: for tests, which want a new one in no time and no file left behind. It keeps every other promise of
/// <see cref="IStore"/>; a write is as durable as the process is.
/// </summary>
/// <remarks>Who writes does so himself, under a lock: there is no thread, and nothing to wait for.</remarks>
public sealed class MemoryStore : IStore
{
    private readonly Lock _writing = new();
    private readonly KeyIndex _index = new();
    private readonly EventLog _log = new();
    private readonly WatcherSet _watchers = new(TimeSpan.Zero); // telling everybody at once is cheap here
    private readonly LeaseTable _leases;
    private readonly List<StoreEvent> _single = [];
    private long _lastLease;
    private bool _closed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="time">The clock that leases run by.</param>
    public MemoryStore(TimeProvider time)
        : this(time, NullLogger.Instance)
    {
    }

    private MemoryStore(TimeProvider time, ILogger logger)
    {
        _leases = new LeaseTable(time, logger);
        _leases.Start(Expire);
    }

    /// <summary>Makes a store out of what <see cref="SnapshotAsync"/> wrote.</summary>
    /// <exception cref="StoreFormatException">The stream is not a whole snapshot.</exception>
    public static async Task<MemoryStore> RestoreAsync(Stream snapshot, TimeProvider time, CancellationToken cancellationToken)
    {
        return From(await MemorySnapshot.ReadAsync(snapshot, cancellationToken), time);
    }

    /// <summary>Makes another store that begins with what this one has now. The two have nothing to do with one another after that.</summary>
    /// <param name="time">The clock that the other's leases run by.</param>
    public MemoryStore Copy(TimeProvider time) => From(Snapshot(), time);

    /// <inheritdoc/>
    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return ValueTask.FromResult(_index.Revision);
    }

    /// <inheritdoc/>
    public ValueTask<KeyValue?> GetAsync(string key, long revision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            ThrowIfClosed();
            var version = revision == 0 ? _index.Newest(key) : _index.At(key, revision);
            return ValueTask.FromResult(version is { } found ? _log.ValueAt(found.ModRevision) : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            ThrowIfClosed();
            var range = _index.Range(request);
            var items = new List<KeyValue>(range.Items.Count);
            foreach (var (_, version) in range.Items)
            {
                items.Add(_log.ValueAt(version.ModRevision));
            }
            return ValueTask.FromResult(new RangeResult(items, range.Revision, range.Count));
        }
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(Write write, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(write.Key);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            ThrowIfClosed();
            var found = _index.Newest(write.Key);
            if (write.ExpectedModRevision is { } expected && expected != (found?.ModRevision ?? 0))
            {
                return ValueTask.FromResult(new WriteResult(false, _index.Revision, found is { } other ? _log.ValueAt(other.ModRevision) : null));
            }
            if (write.Lease != 0 && !_leases.Contains(write.Lease))
            {
                throw new LeaseNotFoundException(write.Lease);
            }
            if (write.Value is null && found is null)
            {
                return ValueTask.FromResult(new WriteResult(true, _index.Revision, null));
            }
            var written = Append(write.Key, found, write.Value, write.Lease);
            return ValueTask.FromResult(new WriteResult(true, written.Revision, written.Current));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<EventBatch> WatchAsync(string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The signal before the first look at the revision: what is written in between wakes us.
        var signal = _watchers.Add(prefix);
        try
        {
            var position = afterRevision;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Next(prefix, position) is { } batch)
                {
                    position = batch.Revision;
                    yield return batch;
                }
                else
                {
                    await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _watchers.Remove(signal);
        }
    }

    /// <inheritdoc/>
    public Task CompactAsync(long revision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            ThrowIfClosed();
            if (revision <= _index.Compacted)
            {
                throw new CompactedException(revision, _index.Compacted);
            }
            if (revision > _index.Revision)
            {
                throw new FutureRevisionException(revision, _index.Revision);
            }
            _log.Forget(_index.Compact(revision));
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeToLive, TimeSpan.FromMilliseconds(1));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            ThrowIfClosed();
            _leases.Add(++_lastLease, timeToLive);
            return Task.FromResult(_lastLease);
        }
    }

    /// <inheritdoc/>
    public Task<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        return Task.FromResult(_leases.Renew(lease));
    }

    /// <inheritdoc/>
    public Task RevokeLeaseAsync(long lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            ThrowIfClosed();
            End(lease);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SnapshotAsync(Stream destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Snapshot().WriteAsync(destination, cancellationToken);
    }

    /// <summary>Ends watches. What is asked of the store afterwards fails.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_writing)
        {
            _closed = true;
        }
        _leases.Dispose();
        _watchers.Close();
        return ValueTask.CompletedTask;
    }

    private static MemoryStore From(MemorySnapshot content, TimeProvider time)
    {
        var store = new MemoryStore(time);
        foreach (var (lease, timeToLive) in content.Leases)
        {
            store._leases.Add(lease, timeToLive);
            store._lastLease = Math.Max(store._lastLease, lease);
        }
        foreach (var item in content.Items.OrderBy(static item => item.ModRevision))
        {
            store._index.Load(item.Key, new KeyVersion(item.ModRevision, item.CreateRevision, item.Version, item.Lease));
            store._log.Keep(new StoreEvent(item.Key, item, null, item.ModRevision));
            store._leases.Bind(item.Key, item.Lease);
        }
        store._index.Loaded(content.Revision); // what came before is not in a snapshot
        return store;
    }

    private MemorySnapshot Snapshot()
    {
        lock (_writing)
        {
            ThrowIfClosed();
            var range = _index.Range(new RangeRequest(""));
            return new MemorySnapshot(range.Revision, [.. range.Items.Select(item => _log.ValueAt(item.Value.ModRevision))], _leases.All());
        }
    }

    private EventBatch? Next(string prefix, long after)
    {
        lock (_writing)
        {
            if (after < _index.Compacted)
            {
                throw new CompactedException(after, _index.Compacted);
            }
            var revision = _index.Revision;
            return after < revision ? new EventBatch(_log.Between(after, revision, prefix), revision) : null;
        }
    }

    private StoreEvent Append(string key, KeyVersion? found, ReadOnlyMemory<byte>? value, long lease)
    {
        var revision = _index.Revision + 1;
        var current = value is { } bytes
            ? new KeyVersion(revision, found?.CreateRevision ?? revision, (found?.Version ?? 0) + 1, lease).With(key, bytes)
            : null;
        var written = new StoreEvent(key, current, found is { } replaced ? _log.ValueAt(replaced.ModRevision) : null, revision);
        _log.Keep(written);
        _single.Clear();
        _single.Add(written);
        _leases.Apply(_single);
        _index.Apply(_single);
        _watchers.Publish(_single);
        return written;
    }

    private void Expire(long lease)
    {
        lock (_writing)
        {
            if (!_closed && _leases.TryBeginExpiry(lease))
            {
                End(lease);
            }
        }
    }

    private void End(long lease)
    {
        foreach (var key in _leases.KeysOf(lease).Order(StringComparer.Ordinal))
        {
            if (_index.Newest(key) is { } found)
            {
                Append(key, found, null, 0);
            }
        }
        _leases.Remove(lease);
    }

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _closed))
        {
            throw new StoreUnavailableException("the store is closed");
        }
    }
}
