using SQLitePCL;

namespace Kybernet.Store.Sqlite.Database;

/// <summary>
/// What is in the file. Both big tables only grow at their end, because their key is the revision, so that a commit touches few pages;
/// which revision a key is at is kept in memory. <c>change</c> is apart from <c>value</c> so that opening the store reads no values.
/// A change with version 0 is a deletion.
/// </summary>
internal static class Schema
{
    /// <summary>The mark of the file's header that says whose it is ("Kybn").</summary>
    public const long ApplicationId = 0x4b79626e;

    /// <summary>The version of the tables; a store with a higher one is not opened.</summary>
    public const long Version = 1;

    private const string Tables = """
        CREATE TABLE change(
            revision INTEGER PRIMARY KEY,
            key TEXT NOT NULL,
            create_revision INTEGER NOT NULL,
            version INTEGER NOT NULL,
            lease INTEGER NOT NULL);
        CREATE TABLE value(
            revision INTEGER PRIMARY KEY,
            bytes BLOB NOT NULL);
        CREATE TABLE lease(
            id INTEGER PRIMARY KEY,
            ttl_ms INTEGER NOT NULL);
        CREATE TABLE meta(
            only INTEGER PRIMARY KEY CHECK (only = 1),
            compacted_revision INTEGER NOT NULL);
        INSERT INTO meta VALUES (1, 0);
        """;

    /// <summary>Makes the connection the durable writer, and the tables where the file is new.</summary>
    /// <exception cref="StoreFormatException">The file is something else, or from a newer version.</exception>
    public static void Prepare(SqliteConnection writer, string path, int pageSize, int cacheKiB)
    {
        try
        {
            writer.Execute($"PRAGMA page_size={pageSize}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
            writer.Execute($"PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-{cacheKiB};");
            var isNew = writer.QueryInt64("SELECT count(*) FROM sqlite_master") == 0;
            if (isNew)
            {
                writer.Execute($"BEGIN IMMEDIATE; {Tables} PRAGMA application_id={ApplicationId}; PRAGMA user_version={Version}; COMMIT;");
            }
            if (writer.QueryInt64("PRAGMA application_id") != ApplicationId)
            {
                throw new StoreFormatException($"{path} is not a Kybernet store");
            }
        }
        catch (SqliteFailure failure) when (failure.PrimaryCode is raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT)
        {
            throw new StoreFormatException($"{path} is not a Kybernet store, or is damaged: {failure.Message}", failure);
        }
        var version = writer.QueryInt64("PRAGMA user_version");
        if (version > Version)
        {
            throw new StoreFormatException($"{path} was written by a newer version of the program (format {version}; this one reads {Version})");
        }
    }
}
