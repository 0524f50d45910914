using Microsoft.Extensions.Logging;

namespace Kybernet.Store.Sqlite.Database;

/// <summary>
/// Copies the write-ahead log into the database on a thread of its own, so that no write waits for it. What is written meanwhile is left
/// over; the writer copies that small rest itself between two commits (<see cref="TakeFinished"/>), and the log begins anew.
/// </summary>
internal sealed partial class Checkpointer : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly ILogger _logger;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private bool _wanted;
    private bool _finished;
    private bool _closing;

    public Checkpointer(string path, ILogger logger)
    {
        _logger = logger;
        _connection = SqliteConnection.Open(path, readOnly: false);
        _connection.Execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-64");
        _thread = new Thread(Run) { IsBackground = true, Name = "store checkpoint" };
        _thread.Start();
    }

    /// <summary>Asks for a checkpoint; returns at once.</summary>
    public void Request()
    {
        lock (_gate)
        {
            _wanted = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Whether a checkpoint has ended since this was last asked.</summary>
    public bool TakeFinished()
    {
        lock (_gate)
        {
            var finished = _finished;
            _finished = false;
            return finished;
        }
    }

    /// <summary>Waits for the checkpoint that runs, if one does, and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
        _connection.Dispose();
    }

    private void Run()
    {
        while (Next())
        {
            try
            {
                _connection.CheckpointPassively();
            }
            catch (SqliteFailure failure)
            {
                // Nothing is lost: the log still has every write. It is tried again when more has been written.
                LogFailed(failure);
            }
            lock (_gate)
            {
                _finished = true;
            }
        }
    }

    private bool Next()
    {
        lock (_gate)
        {
            while (!_wanted && !_closing)
            {
                Monitor.Wait(_gate);
            }
            _wanted = false;
            return !_closing;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The store's write-ahead log could not be copied into the database; it is tried again later")]
    private partial void LogFailed(Exception exception);
}
