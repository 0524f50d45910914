using Kybernet.Store.Index;
using Kybernet.Store.Sqlite.Database;

namespace Kybernet.Store.Sqlite.Commit;

/// <summary>The statements of the writer, prepared once.</summary>
internal sealed class WriterStatements(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _begin = connection.Prepare("BEGIN IMMEDIATE");
    private readonly SqliteStatement _commit = connection.Prepare("COMMIT");
    private readonly SqliteStatement _insertChange = connection.Prepare("INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5)");
    private readonly SqliteStatement _insertValue = connection.Prepare("INSERT INTO value VALUES (?1, ?2)");
    private readonly SqliteStatement _selectValue = connection.Prepare("SELECT bytes FROM value WHERE revision=?1");
    private readonly SqliteStatement _insertLease = connection.Prepare("INSERT INTO lease VALUES (?1, ?2)");
    private readonly SqliteStatement _deleteLease = connection.Prepare("DELETE FROM lease WHERE id=?1");
    private readonly SqliteStatement _setCompacted = connection.Prepare("UPDATE meta SET compacted_revision=?1");
    private readonly SqliteStatement _deleteChange = connection.Prepare("DELETE FROM change WHERE revision=?1");
    private readonly SqliteStatement _deleteValue = connection.Prepare("DELETE FROM value WHERE revision=?1");

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    public void InsertChange(string key, KeyVersion version)
    {
        _insertChange.Bind(1, version.ModRevision);
        _insertChange.Bind(2, key);
        _insertChange.Bind(3, version.CreateRevision);
        _insertChange.Bind(4, version.Version);
        _insertChange.Bind(5, version.Lease);
        _insertChange.Run();
    }

    public void InsertValue(long revision, ReadOnlySpan<byte> value)
    {
        _insertValue.Bind(1, revision);
        _insertValue.Bind(2, value);
        _insertValue.Run();
    }

    public byte[] SelectValue(long revision)
    {
        _selectValue.Bind(1, revision);
        if (!_selectValue.Step())
        {
            // The index names only rows that exist: the file was changed behind the store's back.
            throw new SqliteFailure(SQLitePCL.raw.SQLITE_CORRUPT, $"the value of revision {revision} is missing");
        }
        var bytes = _selectValue.Blob(0);
        _selectValue.Reset();
        return bytes;
    }

    public void InsertLease(long lease, TimeSpan timeToLive)
    {
        _insertLease.Bind(1, lease);
        _insertLease.Bind(2, (long)timeToLive.TotalMilliseconds);
        _insertLease.Run();
    }

    public void DeleteLease(long lease)
    {
        _deleteLease.Bind(1, lease);
        _deleteLease.Run();
    }

    public void SetCompacted(long revision)
    {
        _setCompacted.Bind(1, revision);
        _setCompacted.Run();
    }

    public void DeleteRevision(long revision)
    {
        _deleteChange.Bind(1, revision);
        _deleteChange.Run();
        _deleteValue.Bind(1, revision);
        _deleteValue.Run();
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<SqliteStatement>)[_begin, _commit, _insertChange, _insertValue, _selectValue, _insertLease,
            _deleteLease, _setCompacted, _deleteChange, _deleteValue])
        {
            statement.Dispose();
        }
    }
}
