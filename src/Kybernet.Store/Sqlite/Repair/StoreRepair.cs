using Kybernet.Store.Sqlite.Commit;
using Kybernet.Store.Sqlite.Database;

namespace Kybernet.Store.Sqlite.Repair;

/// <summary>
/// Makes a new file out of what can still be read of a damaged one: of each key its newest whole state, without the history before. The damaged files are
/// kept. The new store is many revisions further on, so that none that was lost is ever used for something else, and every watcher lists anew.
/// </summary>
public static class StoreRepair
{
    private const long RevisionsLeftOut = 1_000_000;

    /// <summary>Repairs the store of a data directory, which no process may have open.</summary>
    /// <exception cref="StoreInUseException">A process has it open.</exception>
    /// <exception cref="StoreUnavailableException">There is none, it cannot be read at all, or the new one cannot be written.</exception>
    public static Task<RepairReport> RepairAsync(string dataDirectory, TimeProvider time, CancellationToken cancellationToken) =>
        Task.Run(() => Repair(dataDirectory, time, cancellationToken), cancellationToken);

    private static RepairReport Repair(string dataDirectory, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = SqliteStore.PathOf(dataDirectory);
        if (!File.Exists(path))
        {
            throw new StoreUnavailableException($"there is no store at {path}");
        }
        using var directoryLock = DataDirectoryLock.Take(dataDirectory);
        var repaired = path + ".repaired";
        try
        {
            DeleteWithLog(repaired);
            Salvage salvage;
            // Readable and writable: a log that was not copied into the file yet is read through an index beside it, which may have to be made.
            using (var damaged = SqliteConnection.Open(path, readOnly: false))
            {
                salvage = Salvage.Read(damaged, cancellationToken);
            }
            var revision = salvage.Newest + RevisionsLeftOut;
            Write(salvage, repaired, revision);
            var aside = Path.Combine(dataDirectory, $"damaged-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}");
            Directory.CreateDirectory(aside);
            foreach (var suffix in (ReadOnlySpan<string>)["", "-wal", "-shm"])
            {
                if (File.Exists(path + suffix))
                {
                    File.Move(path + suffix, Path.Combine(aside, Path.GetFileName(path) + suffix));
                }
            }
            File.Move(repaired, path);
            return new RepairReport(revision, salvage.Rows.Count, salvage.Lost, aside);
        }
        catch (SqliteFailure failure)
        {
            DeleteWithLog(repaired);
            throw failure.ToUnavailable("the store cannot be repaired");
        }
    }

    private static void Write(Salvage salvage, string path, long revision)
    {
        using var connection = SqliteConnection.Open(path, readOnly: false);
        Schema.Prepare(connection, path, new SqliteStoreOptions { DataDirectory = "" }.PageSize, cacheKiB: 4096);
        using var statements = new WriterStatements(connection);
        statements.Begin();
        foreach (var (lease, timeToLive) in salvage.Leases)
        {
            statements.InsertLease(lease, timeToLive);
        }
        foreach (var (key, version, value) in salvage.Rows)
        {
            statements.InsertChange(key, version);
            statements.InsertValue(version.ModRevision, value);
        }
        statements.SetCompacted(revision);
        statements.Commit();
    }

    private static void DeleteWithLog(string path)
    {
        foreach (var suffix in (ReadOnlySpan<string>)["", "-wal", "-shm"])
        {
            File.Delete(path + suffix);
        }
    }
}
