using SQLitePCL;

namespace Kybernet.Store.Sqlite.Database;

/// <summary>
/// One connection, used by one thread at a time. It speaks to SQLite through SQLitePCLRaw, the layer under Microsoft.Data.Sqlite:
/// values go in and out as spans, and a bound statement costs no allocation.
/// </summary>
internal sealed class SqliteConnection : IDisposable
{
    private const int CacheWriteCounter = 9; // SQLITE_DBSTATUS_CACHE_WRITE
    private readonly sqlite3 _handle;

    private SqliteConnection(sqlite3 handle) => _handle = handle;

    /// <summary>Whether a transaction is open. SQLite ends one by itself after some failures.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <exception cref="SqliteFailure">The file cannot be opened.</exception>
    public static SqliteConnection Open(string path, bool readOnly)
    {
        Batteries_V2.Init();
        var flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null!);
        if (code != raw.SQLITE_OK)
        {
            var message = raw.sqlite3_errstr(code).utf8_to_string();
            handle?.Dispose();
            throw new SqliteFailure(code, $"{message} ({path})");
        }
        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, 5000);
        return new SqliteConnection(handle);
    }

    public SqliteStatement Prepare(string sql)
    {
        const uint persistent = 1; // SQLITE_PREPARE_PERSISTENT: the statement lives as long as its connection
        Check(raw.sqlite3_prepare_v3(_handle, sql, persistent, out var statement));
        return new SqliteStatement(this, statement);
    }

    /// <summary>Runs statements whose rows nobody wants.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>The first column of the first row.</summary>
    public long QueryInt64(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>The first column of the first row.</summary>
    public string QueryText(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>Copies what it can of the write-ahead log into the database, waiting for nobody.</summary>
    /// <returns>Whether all of the log was copied, so that the next write begins it anew.</returns>
    public bool CheckpointPassively()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var logged, out var copied);
        if ((code & 0xff) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            return false;
        }
        Check(code);
        return logged == copied;
    }

    /// <summary>How many pages this connection wrote to the log since it was last asked.</summary>
    public int TakePagesWritten()
    {
        Check(raw.sqlite3_db_status(_handle, CacheWriteCounter, out var pages, out _, 1));
        return pages;
    }

    /// <exception cref="SqliteFailure">The code is not success.</exception>
    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new SqliteFailure(code, raw.sqlite3_errmsg(_handle).utf8_to_string());
        }
    }

    public void Dispose() => _handle.Dispose();
}
