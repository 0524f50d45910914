using System.Text.Json;
using Kybernet.Store.Index;
using Kybernet.Store.Sqlite.Database;

namespace Kybernet.Store.Sqlite.Repair;

/// <summary>Looks for damage in a store's file, whether a process has it open or not: in SQLite's pages, and in what the rows say of one another.</summary>
public static class StoreCheck
{
    private const int MaxProblems = 100;

    /// <summary>What the values of objects begin with that are encrypted: nothing can be said of them.</summary>
    private static ReadOnlySpan<byte> Encrypted => "k8s:enc:"u8;

    /// <summary>Checks the store of a data directory.</summary>
    /// <exception cref="StoreUnavailableException">There is none, or it cannot be opened.</exception>
    public static Task<StoreReport> CheckAsync(string dataDirectory, CancellationToken cancellationToken) =>
        Task.Run(() => Check(SqliteStore.PathOf(dataDirectory), cancellationToken), cancellationToken);

    private static StoreReport Check(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new StoreUnavailableException($"there is no store at {path}");
        }
        var problems = new List<string>();
        long revision = 0, keys = 0;
        try
        {
            using var connection = SqliteConnection.Open(path, readOnly: true);
            connection.Execute("BEGIN"); // one state of the store, whoever writes meanwhile
            if (connection.QueryInt64("PRAGMA application_id") != Schema.ApplicationId)
            {
                return new StoreReport(0, 0, [$"{path} is not a Kybernet store"]);
            }
            CheckPages(connection, problems);
            (revision, keys) = CheckRows(connection, problems, cancellationToken);
        }
        catch (SqliteFailure failure)
        {
            problems.Add(failure.Message);
        }
        return new StoreReport(revision, keys, problems.Count <= MaxProblems ? problems : [.. problems.Take(MaxProblems), $"and {problems.Count - MaxProblems} more"]);
    }

    private static void CheckPages(SqliteConnection connection, List<string> problems)
    {
        using var found = connection.Prepare($"PRAGMA integrity_check({MaxProblems})");
        while (found.Step())
        {
            if (found.Text(0) is var problem && problem != "ok")
            {
                problems.Add(problem);
            }
        }
    }

    private static (long Revision, long Keys) CheckRows(SqliteConnection connection, List<string> problems, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<string, KeyVersion>(StringComparer.Ordinal);
        long revision = 0;
        using var rows = connection.Prepare(
            """
            SELECT c.revision, c.key, c.create_revision, c.version, c.lease, v.revision IS NOT NULL, v.bytes, c.lease = 0 OR l.id IS NOT NULL
            FROM change c LEFT JOIN value v ON v.revision = c.revision LEFT JOIN lease l ON l.id = c.lease ORDER BY c.revision
            """);
        while (rows.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var change = StoredChange.Read(rows);
            var version = change.Version;
            revision = version.ModRevision;
            var isDeletion = version.Version == 0;
            if (Wrong(change, newest.TryGetValue(change.Key, out var previous) ? previous : null) is { } wrong)
            {
                problems.Add($"revision {revision} of {change.Key}: {wrong}");
            }
            if (isDeletion == (rows.Int64(5) != 0))
            {
                problems.Add($"revision {revision} of {change.Key}: {(isDeletion ? "a deletion has a value" : "its value is missing")}");
            }
            else if (!isDeletion && change.Key.StartsWith("/registry/", StringComparison.Ordinal) && !IsObject(rows.Blob(6)))
            {
                problems.Add($"revision {revision} of {change.Key}: its value is no object");
            }
            if (rows.Int64(7) == 0 && !isDeletion)
            {
                problems.Add($"revision {revision} of {change.Key}: its lease {version.Lease} is missing");
            }
            newest[change.Key] = version;
        }
        var orphans = connection.QueryInt64("SELECT count(*) FROM value WHERE revision NOT IN (SELECT revision FROM change)");
        if (orphans > 0)
        {
            problems.Add($"{orphans} values belong to no key");
        }
        if (connection.QueryInt64("SELECT count(*) FROM meta") != 1)
        {
            problems.Add("it is not known to which revision the store was compacted");
        }
        var compacted = connection.QueryInt64("SELECT compacted_revision FROM meta");
        return (Math.Max(revision, compacted), newest.Values.Count(static version => version.Version > 0));
    }

    /// <summary>What is wrong with a change, after the one before of its key, if that is still there.</summary>
    private static string? Wrong(StoredChange change, KeyVersion? previous)
    {
        var now = change.Version;
        return now switch
        {
            _ when change.Key.Length == 0 || change.Key.Contains('\uFFFD', StringComparison.Ordinal) => "the key is empty, or no text",
            { ModRevision: < 1 } or { Version: < 0 } => "it cannot have such a revision or version",
            { Version: 0 } => null,
            _ when now.CreateRevision > now.ModRevision || (now.Version == 1) != (now.CreateRevision == now.ModRevision) => "it was made at another revision than it says",
            _ when previous is { Version: > 0 } before && (now.Version != before.Version + 1 || now.CreateRevision != before.CreateRevision) => "it does not follow from the one before",
            _ => null,
        };
    }

    private static bool IsObject(byte[] value)
    {
        if (value.AsSpan().StartsWith(Encrypted))
        {
            return true;
        }
        try
        {
            var reader = new Utf8JsonReader(value);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }
            while (reader.Read())
            {
                // Each token is looked at.
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
