using Kybernet.Store.Index;
using Kybernet.Store.Sqlite.Database;

namespace Kybernet.Store.Sqlite.Repair;

/// <summary>
/// What can be read of a damaged store. Each row is asked for by itself, because a walk over a table ends at its first damaged page, while a row on a
/// whole page is found whatever became of its neighbours.
/// </summary>
internal sealed class Salvage
{
    private readonly List<(string Key, KeyVersion Version, byte[] Value)> _rows = [];
    private readonly List<string> _lost = [];
    private readonly Dictionary<long, TimeSpan> _leases = [];

    /// <summary>The newest whole state of each key, in order of revision.</summary>
    public IReadOnlyList<(string Key, KeyVersion Version, byte[] Value)> Rows => _rows;

    /// <summary>What cannot be read.</summary>
    public IReadOnlyList<string> Lost => _lost;

    public IReadOnlyDictionary<long, TimeSpan> Leases => _leases;

    /// <summary>The newest revision that there is any trace of.</summary>
    public long Newest { get; private set; }

    public static Salvage Read(SqliteConnection damaged, CancellationToken cancellationToken)
    {
        var salvage = new Salvage();
        salvage.ReadLeases(damaged);
        salvage.Newest = Math.Max(1, Math.Max(Last(damaged, "change"), Last(damaged, "value")));
        salvage.ReadRows(damaged, cancellationToken);
        return salvage;
    }

    /// <summary>The last row that can be found from the end of a table, or else from its beginning.</summary>
    private static long Last(SqliteConnection damaged, string table)
    {
        foreach (var order in (ReadOnlySpan<string>)["DESC LIMIT 1", "ASC"])
        {
            long last = 0;
            try
            {
                using var rows = damaged.Prepare($"SELECT revision FROM {table} ORDER BY revision {order}");
                while (rows.Step())
                {
                    last = rows.Int64(0);
                }
                return last;
            }
            catch (SqliteFailure) when (last > 0)
            {
                return last;
            }
            catch (SqliteFailure)
            {
                // Not from this side.
            }
        }
        return 0;
    }

    private void ReadLeases(SqliteConnection damaged)
    {
        try
        {
            using var rows = damaged.Prepare("SELECT id, ttl_ms FROM lease");
            while (rows.Step())
            {
                _leases[rows.Int64(0)] = TimeSpan.FromMilliseconds(rows.Int64(1));
            }
        }
        catch (SqliteFailure failure)
        {
            _lost.Add($"leases, so that what they were to delete stays: {failure.Message}");
        }
    }

    private void ReadRows(SqliteConnection damaged, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<string, (KeyVersion Version, byte[]? Value)>(StringComparer.Ordinal);
        using var changes = damaged.Prepare("SELECT revision, key, create_revision, version, lease FROM change WHERE revision=?1");
        using var values = damaged.Prepare("SELECT bytes FROM value WHERE revision=?1");
        var (unreadable, valuesAlone) = (0L, 0L);
        for (var revision = 1L; revision <= Newest; revision++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var value = TryRead(values, revision, static row => row.Blob(0), out _);
            var change = TryRead(changes, revision, static row => (StoredChange?)StoredChange.Read(row), out var failed);
            unreadable += failed ? 1 : 0;
            valuesAlone += change is null && value is not null ? 1 : 0;
            if (change is not { } known)
            {
                continue;
            }
            if (known.Version.Version > 0 && value is null)
            {
                _lost.Add($"revision {revision} of {known.Key}{(newest.TryGetValue(known.Key, out var older) && older.Value is not null ? $", which is as at revision {older.Version.ModRevision} now" : "")}");
                continue;
            }
            newest[known.Key] = (known.Version, known.Version.Version > 0 ? value : null);
        }
        if (unreadable > 0)
        {
            _lost.Add($"{unreadable} revisions of keys that cannot be told, {valuesAlone} of them with a value");
        }
        foreach (var (key, (version, value)) in newest.OrderBy(static item => item.Value.Version.ModRevision))
        {
            if (value is not null)
            {
                _rows.Add((key, _leases.ContainsKey(version.Lease) ? version : version with { Lease = 0 }, value));
            }
        }
    }

    private static T? TryRead<T>(SqliteStatement statement, long revision, Func<SqliteStatement, T> read, out bool failed)
    {
        failed = false;
        try
        {
            statement.Bind(1, revision);
            if (statement.Step())
            {
                var found = read(statement);
                statement.Reset();
                return found;
            }
        }
        catch (SqliteFailure)
        {
            failed = true;
            statement.Reset();
        }
        return default;
    }
}
