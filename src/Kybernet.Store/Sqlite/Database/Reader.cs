namespace Kybernet.Store.Sqlite.Database;

/// <summary>A read-only connection with its statements. One caller at a time has it, out of a <see cref="ReaderPool"/>.</summary>
internal sealed class Reader : IDisposable
{
    private const int CacheKiB = 512;
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _value;
    private readonly SqliteStatement _changes;

    public Reader(string path)
    {
        _connection = SqliteConnection.Open(path, readOnly: true);
        _connection.Execute($"PRAGMA cache_size=-{CacheKiB}");
        _value = _connection.Prepare("SELECT bytes FROM value WHERE revision=?1");
        _changes = _connection.Prepare(
            "SELECT revision, key, create_revision, version, lease FROM change WHERE revision>?1 AND revision<=?2 ORDER BY revision LIMIT ?3");
    }

    /// <summary>Holds one state of the database still until <see cref="End"/>, and saves taking the read lock for each statement.</summary>
    public void Begin() => _connection.Execute("BEGIN");

    public void End()
    {
        if (_connection.InTransaction)
        {
            _connection.Execute("ROLLBACK");
        }
    }

    /// <summary>The bytes written by a revision; null where it was compacted away.</summary>
    public byte[]? Value(long revision)
    {
        _value.Bind(1, revision);
        if (!_value.Step())
        {
            return null;
        }
        var bytes = _value.Blob(0);
        _value.Reset();
        return bytes;
    }

    /// <summary>The changes after one revision and up to another, in order, at most <paramref name="limit"/>.</summary>
    public List<StoredChange> Changes(long after, long through, int limit)
    {
        _changes.Bind(1, after);
        _changes.Bind(2, through);
        _changes.Bind(3, limit);
        var changes = new List<StoredChange>();
        while (_changes.Step())
        {
            changes.Add(StoredChange.Read(_changes));
        }
        return changes;
    }

    public void Dispose()
    {
        _value.Dispose();
        _changes.Dispose();
        _connection.Dispose();
    }
}
