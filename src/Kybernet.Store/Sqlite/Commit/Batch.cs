using Kybernet.Store.Index;
using Kybernet.Store.Leases;
using Kybernet.Store.Sqlite.Database;
using Kybernet.Store.Sqlite.Watching;

namespace Kybernet.Store.Sqlite.Commit;

/// <summary>
/// What the waiting requests do together: one transaction, and the state that they see of each other before it is durable. Nothing outside
/// changes until <see cref="Commit"/> has returned; after <see cref="Rollback"/> it is as if there had been no batch. Reused; writer thread only.
/// </summary>
internal sealed class Batch : IDisposable
{
    // A quarter of the file may be free, so that what is written next need not make it grow again.
    private const int FreeShare = 4;

    private readonly SqliteConnection _connection;
    private readonly KeyIndex _index;
    private readonly RecentEvents _recent;
    private readonly LeaseTable _leases;
    private readonly WriterStatements _sql;
    private readonly Dictionary<string, KeyVersion> _written = new(StringComparer.Ordinal);
    private readonly HashSet<long> _revoked = [];
    private readonly List<Action> _onCommitted = [];
    private bool _begun;

    public Batch(SqliteConnection connection, KeyIndex index, RecentEvents recent, LeaseTable leases)
    {
        _connection = connection;
        _index = index;
        _recent = recent;
        _leases = leases;
        _sql = new WriterStatements(connection);
    }

    /// <summary>The events so far, in order of revision.</summary>
    public List<StoreEvent> Events { get; } = [];

    /// <summary>The revision of the newest write, in this batch or before it.</summary>
    public long Revision => Events.Count > 0 ? Events[^1].Revision : _index.Revision;

    /// <summary>The revision compacted to, in this batch or before it.</summary>
    public long Compacted { get; private set; }

    /// <summary>Forgets the batch before; begins a transaction only when something is written.</summary>
    public void Start()
    {
        Events.Clear();
        _written.Clear();
        _revoked.Clear();
        _onCommitted.Clear();
        _begun = false;
        Compacted = _index.Compacted;
    }

    /// <summary>The version of a key that the next write finds; null where it does not exist.</summary>
    public KeyVersion? Find(string key) =>
        _written.TryGetValue(key, out var version) ? version.IsDeletion ? null : version : _index.Newest(key);

    /// <summary>Reads the value of a version that <see cref="Find"/> gave.</summary>
    public KeyValue Load(string key, KeyVersion version)
    {
        var committed = _index.Revision;
        return version.ModRevision > committed
            ? Events[(int)(version.ModRevision - committed - 1)].Current!
            : _recent.ValueAt(version.ModRevision) ?? version.With(key, _sql.SelectValue(version.ModRevision));
    }

    public StoreEvent Put(string key, KeyVersion? found, ReadOnlyMemory<byte> value, long lease)
    {
        var revision = Revision + 1;
        var version = new KeyVersion(revision, found?.CreateRevision ?? revision, (found?.Version ?? 0) + 1, lease);
        var previous = found is { } replaced ? Load(key, replaced) : null;
        Begin();
        _sql.InsertChange(key, version);
        _sql.InsertValue(revision, value.Span);
        return Add(new StoreEvent(key, version.With(key, value), previous, revision), version);
    }

    public StoreEvent Delete(string key, KeyVersion found)
    {
        var version = new KeyVersion(Revision + 1, 0, 0, 0);
        var previous = Load(key, found);
        Begin();
        _sql.InsertChange(key, version);
        return Add(new StoreEvent(key, null, previous, version.ModRevision), version);
    }

    public bool LeaseExists(long lease) => !_revoked.Contains(lease) && _leases.Contains(lease);

    public void GrantLease(long lease, TimeSpan timeToLive)
    {
        Begin();
        _sql.InsertLease(lease, timeToLive);
        OnCommitted(() => _leases.Add(lease, timeToLive));
    }

    /// <summary>Deletes a lease and the keys bound to it, those bound earlier in this batch included.</summary>
    public void RevokeLease(long lease)
    {
        var keys = new SortedSet<string>(_leases.KeysOf(lease), StringComparer.Ordinal);
        foreach (var (key, version) in _written)
        {
            if (version.Lease == lease)
            {
                keys.Add(key);
            }
        }
        foreach (var key in keys)
        {
            if (Find(key) is { } found && found.Lease == lease)
            {
                Delete(key, found);
            }
        }
        Begin();
        _sql.DeleteLease(lease);
        _revoked.Add(lease);
        OnCommitted(() => _leases.Remove(lease));
    }

    public void SetCompacted(long revision)
    {
        Begin();
        _sql.SetCompacted(revision);
        Compacted = revision;
    }

    /// <summary>Deletes the rows of a revision.</summary>
    public void Purge(long revision)
    {
        Begin();
        _sql.DeleteRevision(revision);
    }

    /// <summary>Gives free pages at the end of the file back, unless they are few among those in use.</summary>
    /// <param name="pages">How many at most.</param>
    /// <returns>Whether there are more.</returns>
    public bool Shrink(int pages)
    {
        var free = FreePages();
        if (free <= _connection.QueryInt64("PRAGMA page_count") / FreeShare)
        {
            return false;
        }
        Begin();
        _connection.Execute($"PRAGMA incremental_vacuum({pages})");
        return FreePages() < free; // a file from before pages could be given back keeps them
    }

    /// <summary>Remembers what is to be done on the writer thread once the batch is durable, after its events have been applied.</summary>
    public void OnCommitted(Action action) => _onCommitted.Add(action);

    /// <summary>Makes the batch durable.</summary>
    /// <exception cref="SqliteFailure">It is not; <see cref="Rollback"/> is due.</exception>
    public void Commit()
    {
        if (_begun)
        {
            _sql.Commit();
        }
    }

    /// <summary>Does what had to wait for <see cref="Commit"/>.</summary>
    public void RunCommitted()
    {
        foreach (var action in _onCommitted)
        {
            action();
        }
    }

    public void Rollback()
    {
        // SQLite has rolled back by itself after some failures, a full disk among them.
        if (_connection.InTransaction)
        {
            _connection.Execute("ROLLBACK");
        }
    }

    public void Dispose() => _sql.Dispose();

    private long FreePages() => _connection.QueryInt64("PRAGMA freelist_count");

    private void Begin()
    {
        if (!_begun)
        {
            _sql.Begin();
            _begun = true;
        }
    }

    private StoreEvent Add(StoreEvent added, KeyVersion version)
    {
        Events.Add(added);
        _written[added.Key] = version;
        return added;
    }
}
