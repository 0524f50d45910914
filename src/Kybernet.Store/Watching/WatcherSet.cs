using System.Diagnostics;

namespace Kybernet.Store.Watching;

/// <summary>
/// Wakes watchers after a commit: at once those whose prefix has an event, and the others, who only learn of the revision, at most once an
/// interval. A busy store with a hundred watchers would otherwise spend more on telling them nothing than on writing.
/// </summary>
internal sealed class WatcherSet(TimeSpan progressInterval)
{
    private readonly Lock _gate = new();
    private WatchSignal[] _signals = []; // replaced whole, so that the writer walks it without the lock
    private long _lastProgress;          // of Stopwatch: pacing is about this machine's load, not about the store's clock
    private bool _closed;

    /// <summary>Whether some watcher has not been told of the newest revision. Only the writer asks.</summary>
    public bool ProgressOwed { get; private set; }

    public WatchSignal Add(string prefix)
    {
        var signal = new WatchSignal(prefix);
        lock (_gate)
        {
            if (_closed)
            {
                throw new StoreUnavailableException("the store is closed");
            }
            _signals = [.. _signals, signal];
        }
        return signal;
    }

    public void Remove(WatchSignal signal)
    {
        lock (_gate)
        {
            _signals = Array.FindAll(_signals, other => other != signal);
        }
    }

    /// <summary>Wakes whoever has to know of a commit now. Called by the writer only.</summary>
    public void Publish(List<StoreEvent> events)
    {
        var tellAll = Stopwatch.GetElapsedTime(_lastProgress) >= progressInterval;
        if (tellAll)
        {
            PublishProgress();
            return;
        }
        foreach (var signal in Volatile.Read(ref _signals))
        {
            if (Concerns(signal.Prefix, events))
            {
                signal.Set();
            }
            else
            {
                ProgressOwed = true;
            }
        }
    }

    /// <summary>Wakes everyone. Called by the writer only.</summary>
    public void PublishProgress()
    {
        _lastProgress = Stopwatch.GetTimestamp();
        ProgressOwed = false;
        foreach (var signal in Volatile.Read(ref _signals))
        {
            signal.Set();
        }
    }

    /// <summary>How long what is owed may still wait, in whole milliseconds, since a wait for less would not wait at all.</summary>
    public TimeSpan UntilProgress()
    {
        var left = progressInterval - Stopwatch.GetElapsedTime(_lastProgress);
        return left > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : TimeSpan.Zero;
    }

    /// <summary>Ends every watch.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var signal in _signals)
            {
                signal.Close(new StoreUnavailableException("the store was closed"));
            }
        }
    }

    private static bool Concerns(string prefix, List<StoreEvent> events)
    {
        foreach (var changed in events)
        {
            if (changed.Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }
}
