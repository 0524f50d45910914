using SQLitePCL;

namespace Kybernet.Store.Sqlite.Database;

/// <summary>What SQLite answered instead of success. Never leaves this assembly: callers see a <see cref="StoreException"/>.</summary>
internal sealed class SqliteFailure(int code, string message) : Exception($"SQLite error {code}: {message}")
{
    /// <summary>The extended result code.</summary>
    public int Code { get; } = code;

    /// <summary>The result code proper, without its extension.</summary>
    public int PrimaryCode => Code & 0xff;

    /// <summary>The failure in the words of whoever has to mend it.</summary>
    public StoreUnavailableException ToUnavailable(string what) => new(
        PrimaryCode == raw.SQLITE_FULL ? $"{what}: the disk is full" : $"{what}: {Message}",
        this);
}
