using Kybernet.Store.Index;
using Kybernet.Store.Leases;
using Kybernet.Store.Sqlite.Database;

namespace Kybernet.Store.Sqlite;

/// <summary>Fills memory from the file when a store is opened. No value is read.</summary>
internal static class StoreLoader
{
    /// <returns>Revisions whose rows a compaction did not come to delete.</returns>
    public static List<long> Load(SqliteConnection connection, KeyIndex index, LeaseTable leases)
    {
        LoadLeases(connection, leases);
        var bound = new Dictionary<string, long>(StringComparer.Ordinal);
        using (var changes = connection.Prepare("SELECT revision, key, create_revision, version, lease FROM change ORDER BY revision"))
        {
            while (changes.Step())
            {
                var change = StoredChange.Read(changes);
                index.Load(change.Key, change.Version);
                if (change.Version.Lease != 0)
                {
                    bound[change.Key] = change.Version.Lease;
                }
                else
                {
                    bound.Remove(change.Key);
                }
            }
        }
        foreach (var (key, lease) in bound)
        {
            leases.Bind(key, lease);
        }
        var compacted = connection.QueryInt64("SELECT compacted_revision FROM meta");
        index.Loaded(compacted);
        return compacted > 0 ? index.Compact(compacted) : [];
    }

    private static void LoadLeases(SqliteConnection connection, LeaseTable leases)
    {
        using var rows = connection.Prepare("SELECT id, ttl_ms FROM lease");
        while (rows.Step())
        {
            leases.Add(rows.Int64(0), TimeSpan.FromMilliseconds(rows.Int64(1)));
        }
    }
}
