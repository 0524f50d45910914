using Kybernet.Store.Index;

namespace Kybernet.Store.Sqlite.Database;

/// <summary>A row of the table <c>change</c>.</summary>
internal readonly record struct StoredChange(string Key, KeyVersion Version)
{
    /// <summary>Reads the columns revision, key, create_revision, version and lease.</summary>
    public static StoredChange Read(SqliteStatement row) =>
        new(row.Text(1), new KeyVersion(row.Int64(0), row.Int64(2), row.Int64(3), row.Int64(4)));
}
