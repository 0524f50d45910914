using Kybernet.Store.Index;
using Kybernet.Store.Leases;
using Kybernet.Store.Sqlite.Commit;
using Kybernet.Store.Sqlite.Database;
using Kybernet.Store.Sqlite.Watching;
using Kybernet.Store.Watching;
using Microsoft.Extensions.Logging;

namespace Kybernet.Store.Sqlite;

/// <summary>
/// The embedded store: a SQLite database with a write-ahead log. One thread writes, and commits all waiting writes with one fsync; reads
/// run beside it and never wait for it. Which key is at which revision is in memory; values are on disk, but for the newest events.
/// </summary>
/// <remarks>
/// A directory belongs to one store of one process at a time. Every successful write is a revision of its own. A read at revision 0 that
/// meets a compaction is repeated, so only reads at a named revision can fail because of one.
/// </remarks>
public sealed class SqliteStore : IStore
{
    private const string FileName = "store.db";
    private const int MaxIdleReaders = 4;
    private const int WriterCacheKiB = 4096;
    private readonly DataDirectoryLock _lock;
    private readonly SqliteConnection _writer;
    private readonly KeyIndex _index = new();
    private readonly RecentEvents _recent;
    private readonly LeaseTable _leases;
    private readonly WatcherSet _watchers;
    private readonly ReaderPool _readers;
    private readonly Checkpointer _checkpointer;
    private readonly Committer _committer;
    private readonly Snapshots _snapshots;
    private int _disposed;

    private SqliteStore(SqliteStoreOptions options, DataDirectoryLock directoryLock, SqliteConnection writer, string path)
    {
        _lock = directoryLock;
        _writer = writer;
        _recent = new RecentEvents(options.RecentEvents, options.RecentBytes);
        _leases = new LeaseTable(options.TimeProvider, options.Logger);
        _watchers = new WatcherSet(options.ProgressInterval);
        _readers = new ReaderPool(path, MaxIdleReaders);
        var leftover = StoreLoader.Load(writer, _index, _leases);
        _recent.Reset(_index.Revision);
        _snapshots = new Snapshots(options.DataDirectory, path);
        _checkpointer = new Checkpointer(path, options.Logger);
        var pageSize = writer.QueryInt64("PRAGMA page_size");
        _committer = new Committer(
            writer, _index, _recent, _leases, _watchers, _checkpointer, (int)Math.Max(1, options.CheckpointBytes / pageSize), options.Logger);
        _leases.Start(lease => _committer.Submit(new ExpireLeaseRequest(lease, _leases)));
        Logger = options.Logger;
        Purge(leftover);
    }

    private ILogger Logger { get; }

    /// <summary>Opens the store of a data directory, or makes a new one there.</summary>
    /// <exception cref="StoreInUseException">Another process has the directory open.</exception>
    /// <exception cref="StoreFormatException">What is there is not a store, is damaged, or comes from a newer version.</exception>
    /// <exception cref="StoreUnavailableException">The files cannot be read or written.</exception>
    public static Task<SqliteStore> OpenAsync(SqliteStoreOptions options, CancellationToken cancellationToken) =>
        // Reading the index takes as long as there are keys; it is not the caller's thread that should be held meanwhile.
        Task.Run(() => Open(options), cancellationToken);

    /// <summary>
    /// Makes a new store in a data directory out of what <see cref="SnapshotAsync"/> wrote, ready to be opened: all or nothing.
    /// </summary>
    /// <exception cref="StoreInUseException">Another process has the directory open.</exception>
    /// <exception cref="StoreFormatException">The directory has a store already, or the stream is not a whole snapshot.</exception>
    public static async Task RestoreAsync(Stream snapshot, SqliteStoreOptions options, CancellationToken cancellationToken)
    {
        CreateDirectory(options.DataDirectory);
        using var directoryLock = DataDirectoryLock.Take(options.DataDirectory);
        await Snapshots.RestoreAsync(snapshot, options.DataDirectory, PathOf(options), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a consistent copy of the store in a data directory, as <see cref="SnapshotAsync"/> does, whichever process has it open.</summary>
    /// <exception cref="StoreUnavailableException">There is none, or it cannot be read.</exception>
    public static Task CopyAsync(string dataDirectory, Stream destination, CancellationToken cancellationToken) =>
        new Snapshots(dataDirectory, Path.Combine(dataDirectory, FileName)).WriteAsync(destination, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return ValueTask.FromResult(_index.Revision);
    }

    /// <inheritdoc/>
    public ValueTask<KeyValue?> GetAsync(string key, long revision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        while (true)
        {
            var version = revision == 0 ? _index.Newest(key) : _index.At(key, revision);
            if (version is not { } found)
            {
                return ValueTask.FromResult<KeyValue?>(null);
            }
            if (_recent.ValueAt(found.ModRevision) is { } recent)
            {
                return ValueTask.FromResult<KeyValue?>(recent);
            }
            if (Read(found.ModRevision) is { } value)
            {
                return ValueTask.FromResult<KeyValue?>(found.With(key, value));
            }
            // Compacted between the index and the disk. At revision 0 there is something newer to read; otherwise At says why not.
        }
    }

    /// <inheritdoc/>
    public ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        while (true)
        {
            var range = _index.Range(request);
            if (Load(range.Items, cancellationToken) is { } items)
            {
                return ValueTask.FromResult(new RangeResult(items, range.Revision, range.Count));
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<WriteResult> WriteAsync(Write write, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(write.Key);
        var request = new WriteRequest(write, cancellationToken);
        _committer.Submit(request);
        return request.Task;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<EventBatch> WatchAsync(string prefix, long afterRevision, CancellationToken cancellationToken) =>
        new Watcher(prefix, _watchers, _index, _recent, _readers).ReadAsync(afterRevision, cancellationToken);

    /// <inheritdoc/>
    public async Task CompactAsync(long revision, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new CompactRequest(revision, _index, Purge);
        _committer.Submit(request);
        await request.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeToLive, TimeSpan.FromMilliseconds(1));
        cancellationToken.ThrowIfCancellationRequested();
        var request = new GrantLeaseRequest(Random.Shared.NextInt64(1, long.MaxValue), timeToLive);
        _committer.Submit(request);
        return await request.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        return Task.FromResult(_leases.Renew(lease));
    }

    /// <inheritdoc/>
    public async Task RevokeLeaseAsync(long lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new RevokeLeaseRequest(lease);
        _committer.Submit(request);
        await request.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task SnapshotAsync(Stream destination, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return _snapshots.WriteAsync(destination, cancellationToken);
    }

    /// <summary>Commits what waits, ends watches and leaves the directory to others. What is asked of the store afterwards fails.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        _leases.Dispose();
        await Task.Run(_committer.Dispose).ConfigureAwait(false); // joins the writer, who may be waiting for the disk
        _watchers.Close();
        _checkpointer.Dispose();
        _readers.Dispose();
        _writer.Dispose(); // the last connection: SQLite copies the log and deletes it
        _lock.Dispose();
    }

    private static SqliteStore Open(SqliteStoreOptions options)
    {
        CreateDirectory(options.DataDirectory);
        var directoryLock = DataDirectoryLock.Take(options.DataDirectory);
        SqliteConnection? writer = null;
        try
        {
            Snapshots.DeleteLeftovers(options.DataDirectory);
            var path = PathOf(options);
            writer = SqliteConnection.Open(path, readOnly: false);
            Schema.Prepare(writer, path, options.PageSize, WriterCacheKiB);
            if (options.MaxPages > 0)
            {
                writer.Execute($"PRAGMA max_page_count={options.MaxPages}");
            }
            return new SqliteStore(options, directoryLock, writer, path);
        }
        catch (Exception exception)
        {
            writer?.Dispose();
            directoryLock.Dispose();
            throw exception is SqliteFailure failure ? failure.ToUnavailable($"cannot open the store in {options.DataDirectory}") : exception;
        }
    }

    /// <summary>The database of a data directory.</summary>
    internal static string PathOf(string dataDirectory) => Path.Combine(dataDirectory, FileName);

    private static string PathOf(SqliteStoreOptions options) => PathOf(options.DataDirectory);

    private static void CreateDirectory(string directory)
    {
        if (!OperatingSystem.IsWindows())
        {
            // Secrets are in there.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        else
        {
            Directory.CreateDirectory(directory);
        }
    }

    private byte[]? Read(long revision)
    {
        var reader = _readers.Rent();
        try
        {
            return reader.Value(revision);
        }
        catch (SqliteFailure failure)
        {
            throw failure.ToUnavailable("cannot read the store");
        }
        finally
        {
            _readers.Return(reader);
        }
    }

    /// <summary>Reads the values of a range; null where a compaction came between, so that the range has to be looked up again.</summary>
    private List<KeyValue>? Load(List<KeyValuePair<string, KeyVersion>> range, CancellationToken cancellationToken)
    {
        var items = new List<KeyValue>(range.Count);
        Reader? reader = null;
        try
        {
            foreach (var (key, version) in range)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_recent.ValueAt(version.ModRevision) is { } recent)
                {
                    items.Add(recent);
                    continue;
                }
                if (reader is null)
                {
                    reader = _readers.Rent();
                    reader.Begin();
                }
                if (reader.Value(version.ModRevision) is not { } value)
                {
                    return null;
                }
                items.Add(version.With(key, value));
            }
            return items;
        }
        catch (SqliteFailure failure)
        {
            throw failure.ToUnavailable("cannot read the store");
        }
        finally
        {
            if (reader is not null)
            {
                reader.End();
                _readers.Return(reader);
            }
        }
    }

    private void Purge(List<long> revisions)
    {
        if (revisions.Count > 0)
        {
            _committer.Submit(new PurgeRequest(revisions, 0, _committer.Submit, Logger));
        }
    }

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _disposed) != 0)
        {
            throw new StoreUnavailableException("the store is closed");
        }
    }
}
