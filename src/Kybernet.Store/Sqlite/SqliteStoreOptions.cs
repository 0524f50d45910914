using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Store.Sqlite;

/// <summary>How a <see cref="SqliteStore"/> is opened.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The directory that has, or gets, the store's files (<c>store.db</c> and what belongs to it). It is made where it does not exist.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The clock that leases run by.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where failures go that no caller waits for: a checkpoint, the expiry of a lease.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>How many of the newest events are kept in memory for watchers; a watcher that is further behind reads from disk.</summary>
    public int RecentEvents { get; init; } = 8192;

    /// <summary>How many bytes of values those events may hold, before there are fewer of them.</summary>
    public long RecentBytes { get; init; } = 8 << 20;

    /// <summary>
    /// How long a watcher may go without news while the store is busy with keys that are not its own. While the store is quiet, news of
    /// a revision are immediate.
    /// </summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How many bytes the write-ahead log may gather before it is copied into the database; it may grow by what is written meanwhile.</summary>
    public long CheckpointBytes { get; init; } = 8 << 20;

    /// <summary>The size of the database's pages where the store is new; a power of two between 512 and 65,536.</summary>
    internal int PageSize { get; init; } = 8192;

    /// <summary>The size, in pages, that the database may not outgrow: stands for a full disk in tests. 0 for no bound.</summary>
    internal long MaxPages { get; init; }
}
