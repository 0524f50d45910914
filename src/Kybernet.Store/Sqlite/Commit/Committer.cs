using Kybernet.Store.Index;
using Kybernet.Store.Leases;
using Kybernet.Store.Sqlite.Database;
using Kybernet.Store.Sqlite.Watching;
using Kybernet.Store.Watching;
using Microsoft.Extensions.Logging;

namespace Kybernet.Store.Sqlite.Commit;

/// <summary>
/// The one thread that writes. It takes whatever waits, does it in order in one transaction, makes that durable with one fsync, and only
/// then brings memory forward, wakes watchers and answers. While it waits for the disk the next batch gathers: the slower the disk, the
/// bigger the batches.
/// </summary>
internal sealed partial class Committer : IDisposable
{
    private const int MaxRequestsPerBatch = 1024;
    private static readonly TimeSpan IdleBeforeCheckpoint = TimeSpan.FromSeconds(1);
    private readonly object _gate = new();
    private readonly SqliteConnection _connection;
    private readonly KeyIndex _index;
    private readonly RecentEvents _recent;
    private readonly LeaseTable _leases;
    private readonly WatcherSet _watchers;
    private readonly Checkpointer _checkpointer;
    private readonly int _checkpointPages;
    private readonly ILogger _logger;
    private readonly Batch _batch;
    private readonly Thread _thread;
    private List<Request> _waiting = [];
    private List<Request> _taken = [];
    private bool _closing;
    private int _pagesInLog;
    private bool _checkpointAsked;

    public Committer(
        SqliteConnection connection, KeyIndex index, RecentEvents recent, LeaseTable leases, WatcherSet watchers, Checkpointer checkpointer,
        int checkpointPages, ILogger logger)
    {
        _connection = connection;
        _index = index;
        _recent = recent;
        _leases = leases;
        _watchers = watchers;
        _checkpointer = checkpointer;
        _checkpointPages = checkpointPages;
        _logger = logger;
        _batch = new Batch(connection, index, recent, leases);
        _thread = new Thread(Run) { IsBackground = true, Name = "store writer" };
        _thread.Start();
    }

    /// <summary>Queues a request. Where the store is closed it fails at once.</summary>
    public void Submit(Request request)
    {
        lock (_gate)
        {
            if (!_closing)
            {
                _waiting.Add(request);
                if (_waiting.Count == 1)
                {
                    Monitor.Pulse(_gate);
                }
                return;
            }
        }
        request.Fail(new StoreUnavailableException("the store is closed"));
    }

    /// <summary>Does what waits, then ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
        _batch.Dispose();
    }

    private void Run()
    {
        while (Take())
        {
            for (var from = 0; from < _taken.Count; from += MaxRequestsPerBatch)
            {
                Process(_taken.Count <= MaxRequestsPerBatch ? _taken : _taken[from..Math.Min(from + MaxRequestsPerBatch, _taken.Count)]);
                CheckpointWhenDue();
            }
            _taken.Clear();
        }
    }

    /// <summary>Waits for requests; meanwhile does what is due when there are none. False when the store is closed and all is done.</summary>
    private bool Take()
    {
        while (true)
        {
            bool progressDue, idle;
            lock (_gate)
            {
                if (_waiting.Count == 0 && !_closing)
                {
                    Monitor.Wait(_gate, _watchers.ProgressOwed ? _watchers.UntilProgress()
                        : _pagesInLog > 0 && !_checkpointAsked ? IdleBeforeCheckpoint : Timeout.InfiniteTimeSpan);
                }
                if (_waiting.Count > 0)
                {
                    (_waiting, _taken) = (_taken, _waiting);
                    return true;
                }
                if (_closing)
                {
                    return false;
                }
                progressDue = _watchers.ProgressOwed && _watchers.UntilProgress() == TimeSpan.Zero;
                idle = !_watchers.ProgressOwed;
            }
            if (progressDue)
            {
                _watchers.PublishProgress();
            }
            else if (idle && _pagesInLog > 0 && !_checkpointAsked)
            {
                AskForCheckpoint();
            }
        }
    }

    private void Process(List<Request> requests)
    {
        try
        {
            _batch.Start();
            foreach (var request in requests)
            {
                request.Execute(_batch);
            }
            _batch.Commit();
        }
        catch (Exception exception)
        {
            Fail(requests, exception);
            return;
        }
        if (_batch.Events.Count > 0)
        {
            // Recent events first: whoever learns of the revision from the index finds them there.
            _recent.Append(_batch.Events);
            _leases.Apply(_batch.Events);
            _index.Apply(_batch.Events);
        }
        _batch.RunCommitted();
        if (_batch.Events.Count > 0)
        {
            _watchers.Publish(_batch.Events);
        }
        foreach (var request in requests)
        {
            request.Complete();
        }
    }

    private void Fail(List<Request> requests, Exception exception)
    {
        StoreUnavailableException failure;
        try
        {
            _batch.Rollback();
            failure = exception is SqliteFailure sqlite
                ? sqlite.ToUnavailable("the write did not reach the disk")
                : new StoreUnavailableException("the write could not be made", exception);
        }
        catch (SqliteFailure rollback)
        {
            failure = rollback.ToUnavailable("the write did not reach the disk, nor could it be rolled back");
        }
        LogFailed(failure, requests.Count);
        foreach (var request in requests)
        {
            request.Fail(failure);
        }
    }

    private void CheckpointWhenDue()
    {
        try
        {
            _pagesInLog += _connection.TakePagesWritten();
            if (_checkpointAsked && _checkpointer.TakeFinished())
            {
                // What was written while the checkpoint ran is little. With it copied too, the next write starts the log from its beginning.
                _checkpointAsked = false;
                _connection.CheckpointPassively();
                _pagesInLog = 0;
            }
        }
        catch (SqliteFailure failure)
        {
            _pagesInLog = 0; // the log has it all; the next round tries again
            LogCheckpointFailed(failure);
        }
        if (!_checkpointAsked && _pagesInLog >= _checkpointPages)
        {
            AskForCheckpoint();
        }
    }

    private void AskForCheckpoint()
    {
        _checkpointAsked = true;
        _checkpointer.Request();
    }

    [LoggerMessage(LogLevel.Error, "A batch of {Requests} requests was not committed; nothing was changed")]
    private partial void LogFailed(Exception exception, int requests);

    [LoggerMessage(LogLevel.Warning, "The store's write-ahead log could not be copied into the database; it is tried again later")]
    private partial void LogCheckpointFailed(Exception exception);
}
