using System.Runtime.CompilerServices;
using Kybernet.Store.Index;
using Kybernet.Store.Sqlite.Database;
using Kybernet.Store.Watching;

namespace Kybernet.Store.Sqlite.Watching;

/// <summary>
/// One watch: a position in the store's history that moves on as batches are taken. What is recent comes from memory, what is not from
/// disk, by the same position, so that going from one to the other neither skips an event nor repeats one.
/// </summary>
internal sealed class Watcher(string prefix, WatcherSet watchers, KeyIndex index, RecentEvents recent, ReaderPool readers)
{
    private const int MaxChangesPerBatch = 1000;
    private const long MaxBytesPerBatch = 4 << 20;

    public async IAsyncEnumerable<EventBatch> ReadAsync(long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The signal before the first look at the revision: what is committed in between wakes us.
        var signal = watchers.Add(prefix);
        try
        {
            var position = afterRevision;
            CheckCompacted(position);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var revision = index.Revision;
                if (position >= revision)
                {
                    await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
                    continue;
                }
                var batch = Next(position, revision);
                position = batch.Revision;
                yield return batch;
            }
        }
        finally
        {
            watchers.Remove(signal);
        }
    }

    private EventBatch Next(long after, long through)
    {
        var events = new List<StoreEvent>();
        return recent.TryRead(after, through, prefix, events) ? new EventBatch(events, through) : ReadFromDisk(after, through);
    }

    private EventBatch ReadFromDisk(long after, long through)
    {
        var events = new List<StoreEvent>();
        var reached = through;
        var reader = readers.Rent();
        try
        {
            reader.Begin();
            var changes = reader.Changes(after, through, MaxChangesPerBatch);
            if (changes.Count == MaxChangesPerBatch)
            {
                reached = changes[^1].Version.ModRevision;
            }
            long bytes = 0;
            foreach (var change in changes)
            {
                if (!change.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    continue;
                }
                if (bytes > MaxBytesPerBatch)
                {
                    reached = change.Version.ModRevision - 1;
                    break;
                }
                var added = ToEvent(reader, change);
                bytes += (added.Current?.Value.Length ?? 0) + (added.Previous?.Value.Length ?? 0);
                events.Add(added);
            }
            reader.End();
        }
        catch (SqliteFailure failure)
        {
            throw failure.ToUnavailable("cannot read the store's history");
        }
        finally
        {
            reader.Dispose(); // a connection that failed, or read much, is not worth keeping
        }
        // A compaction is announced before its rows go, so rows that were missing above are known of here.
        CheckCompacted(after);
        return new EventBatch(events, reached);
    }

    private StoreEvent ToEvent(Reader reader, StoredChange change)
    {
        var revision = change.Version.ModRevision;
        var current = change.Version.IsDeletion ? null : Load(reader, change.Key, change.Version);
        var previous = index.Before(change.Key, revision) is { } before ? Load(reader, change.Key, before) : null;
        return new StoreEvent(change.Key, current, previous, revision);
    }

    private KeyValue Load(Reader reader, string key, KeyVersion version) => recent.ValueAt(version.ModRevision)
        ?? version.With(key, reader.Value(version.ModRevision) ?? throw new CompactedException(version.ModRevision, index.Compacted));

    private void CheckCompacted(long after)
    {
        if (after < index.Compacted)
        {
            throw new CompactedException(after, index.Compacted);
        }
    }
}
