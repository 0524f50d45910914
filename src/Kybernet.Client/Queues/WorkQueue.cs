using System.Threading.Channels;

namespace Kybernet.Client;

/// <summary>
/// Keys that want work, each once however often it was added. A key that is added while it is worked on waits until <see cref="Done"/> and then comes
/// again, so that nobody works on one key twice at once and no change is missed. Safe to share.
/// </summary>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly TimeProvider _time;
    private readonly IRateLimiter<TKey> _limiter;
    private readonly Lock _gate = new();
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _processing = [];
    private readonly Dictionary<TKey, DateTimeOffset> _waiting = [];
    private readonly PriorityQueue<TKey, DateTimeOffset> _delayed = new();
    private readonly ITimer _timer;
    private long _adds;
    private long _retries;
    private bool _isShutDown;

    /// <summary>A queue with the rate limits that client-go's controllers have: 5 ms to 1000 s per key, and 10 a second over all with bursts of 100.</summary>
    public WorkQueue(string name, TimeProvider time)
        : this(name, time, RateLimiters.Default<TKey>(time))
    {
    }

    /// <summary>A queue.</summary>
    /// <param name="name">What it is called in logs and metrics.</param>
    /// <param name="time">What delays go by.</param>
    /// <param name="limiter">Says how long a key waits that is added after a failure.</param>
    public WorkQueue(string name, TimeProvider time, IRateLimiter<TKey> limiter)
    {
        Name = name;
        _time = time;
        _limiter = limiter;
        _timer = time.CreateTimer(_ => MoveDelayed(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the queue is called in logs and metrics.</summary>
    public string Name { get; }

    /// <summary>How many keys wait to be worked on now; those that are delayed are not counted.</summary>
    public int Depth
    {
        get
        {
            lock (_gate)
            {
                return _ready.Reader.Count;
            }
        }
    }

    /// <summary>How many keys are being worked on.</summary>
    public int Processing
    {
        get
        {
            lock (_gate)
            {
                return _processing.Count;
            }
        }
    }

    /// <summary>How many keys wait for their time to come.</summary>
    public int Delayed
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>How many keys have been added that were not waiting already.</summary>
    public long Adds => Interlocked.Read(ref _adds);

    /// <summary>How often a key was added after a failure.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Adds a key.</summary>
    public void Add(TKey key)
    {
        lock (_gate)
        {
            AddLocked(key);
        }
    }

    /// <summary>Adds a key after a delay; of several delays for one key the one that ends first counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }
        lock (_gate)
        {
            if (_isShutDown)
            {
                return;
            }
            var due = _time.GetUtcNow() + delay;
            if (_waiting.TryGetValue(key, out var known) && known <= due)
            {
                return;
            }
            _waiting[key] = due;
            _delayed.Enqueue(key, due);
            if (_delayed.Peek().Equals(key))
            {
                SetTimer();
            }
        }
    }

    /// <summary>Adds a key that failed, after as long as its rate limiter says.</summary>
    public void AddRateLimited(TKey key)
    {
        Interlocked.Increment(ref _retries);
        AddAfter(key, _limiter.When(key));
    }

    /// <summary>The key succeeded: its next failure waits as short as a first one.</summary>
    public void Forget(TKey key) => _limiter.Forget(key);

    /// <summary>How often the key has failed since it last succeeded.</summary>
    public int Failures(TKey key) => _limiter.Failures(key);

    /// <summary>Takes a key to work on; <see cref="Done"/> has to follow.</summary>
    /// <exception cref="ChannelClosedException">The queue was shut down and is empty.</exception>
    public async ValueTask<TKey> TakeAsync(CancellationToken cancellationToken)
    {
        var key = await _ready.Reader.ReadAsync(cancellationToken);
        lock (_gate)
        {
            _dirty.Remove(key);
            _processing.Add(key);
        }
        return key;
    }

    /// <summary>The key is not worked on any longer.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            _processing.Remove(key);
            if (_dirty.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Takes no more keys; those that wait can still be taken.</summary>
    public void ShutDown()
    {
        lock (_gate)
        {
            _isShutDown = true;
            _waiting.Clear();
            _delayed.Clear();
            _ready.Writer.TryComplete();
        }
    }

    /// <summary>Shuts the queue down.</summary>
    public void Dispose()
    {
        ShutDown();
        _timer.Dispose();
    }

    private void AddLocked(TKey key)
    {
        if (_isShutDown || !_dirty.Add(key))
        {
            return;
        }
        Interlocked.Increment(ref _adds);
        if (!_processing.Contains(key))
        {
            _ready.Writer.TryWrite(key);
        }
    }

    private void MoveDelayed()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            while (_delayed.TryPeek(out var key, out var due) && due <= now)
            {
                _delayed.Dequeue();
                // An entry that a shorter delay has overtaken says nothing any more.
                if (_waiting.TryGetValue(key, out var wanted) && wanted == due)
                {
                    _waiting.Remove(key);
                    AddLocked(key);
                }
            }
            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (_delayed.TryPeek(out _, out var due))
        {
            var delay = due - _time.GetUtcNow();
            // Timers count whole milliseconds: one that fired a fraction early would fire again and again until the time has come.
            _timer.Change(delay <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }
}
