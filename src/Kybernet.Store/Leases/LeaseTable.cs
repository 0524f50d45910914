using Microsoft.Extensions.Logging;

namespace Kybernet.Store.Leases;

/// <summary>
/// The leases, when they end, and the keys that die with them. Deadlines are kept in memory only: renewing costs no write, and after a
/// restart every lease has its full time again, as in etcd.
/// </summary>
internal sealed partial class LeaseTable : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Lease> _leases = [];
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private DateTimeOffset _armed = DateTimeOffset.MaxValue;
    private Action<long>? _expire;

    public LeaseTable(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(static table => ((LeaseTable)table!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins to end leases whose time is over. Until then they only lie there.</summary>
    /// <param name="expire">Is called with a lease that is due; it may call back.</param>
    public void Start(Action<long> expire)
    {
        lock (_gate)
        {
            _expire = expire;
            Arm();
        }
    }

    public void Add(long lease, TimeSpan timeToLive)
    {
        lock (_gate)
        {
            _leases.Add(lease, new Lease(timeToLive, _time.GetUtcNow() + timeToLive));
            Arm();
        }
    }

    public void Remove(long lease)
    {
        lock (_gate)
        {
            _leases.Remove(lease);
        }
    }

    public bool Contains(long lease)
    {
        lock (_gate)
        {
            return _leases.ContainsKey(lease);
        }
    }

    public string[] KeysOf(long lease)
    {
        lock (_gate)
        {
            return _leases.TryGetValue(lease, out var found) ? [.. found.Keys] : [];
        }
    }

    /// <summary>Every lease with its time to live.</summary>
    public IReadOnlyList<(long Id, TimeSpan TimeToLive)> All()
    {
        lock (_gate)
        {
            return [.. _leases.Select(static lease => (lease.Key, lease.Value.TimeToLive))];
        }
    }

    /// <summary>Binds a key that is stored already.</summary>
    public void Bind(string key, long lease)
    {
        lock (_gate)
        {
            if (_leases.TryGetValue(lease, out var found))
            {
                found.Keys.Add(key);
            }
        }
    }

    /// <summary>Moves keys from lease to lease as a commit did.</summary>
    public void Apply(List<StoreEvent> events)
    {
        foreach (var change in events)
        {
            var before = change.Previous?.Lease ?? 0;
            var now = change.Current?.Lease ?? 0;
            if (before == now)
            {
                continue;
            }
            lock (_gate)
            {
                if (before != 0 && _leases.TryGetValue(before, out var old))
                {
                    old.Keys.Remove(change.Key);
                }
                if (now != 0 && _leases.TryGetValue(now, out var bound))
                {
                    bound.Keys.Add(change.Key);
                }
            }
        }
    }

    /// <summary>Gives a lease its full time again, unless it does not exist or its end has begun.</summary>
    public bool Renew(long lease)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(lease, out var found) || found.Ending)
            {
                return false;
            }
            found.Deadline = _time.GetUtcNow() + found.TimeToLive;
            return true;
        }
    }

    /// <summary>Begins the end of a lease: it cannot be renewed from here on. False where it has been renewed in the meantime.</summary>
    public bool TryBeginExpiry(long lease)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(lease, out var found) || found.Deadline > _time.GetUtcNow())
            {
                return false;
            }
            return found.Ending = true;
        }
    }

    /// <summary>The end of a lease could not be written: it lives on for a moment, then it is tried again.</summary>
    public void RetryExpiry(long lease, Exception failure)
    {
        LogExpiryFailed(failure, lease);
        lock (_gate)
        {
            if (_leases.TryGetValue(lease, out var found))
            {
                found.Ending = false;
                found.Deadline = _time.GetUtcNow() + RetryAfter;
                Arm();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _expire = null;
        }
        _timer.Dispose();
    }

    private void OnTimer()
    {
        var due = new List<long>();
        Action<long>? expire;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            foreach (var (id, lease) in _leases)
            {
                if (lease.Deadline <= now)
                {
                    due.Add(id);
                }
            }
            expire = _expire;
            _armed = DateTimeOffset.MaxValue;
            Arm();
        }
        foreach (var id in due)
        {
            expire?.Invoke(id);
        }
    }

    /// <summary>
    /// Sets the timer for the lease that ends first. A renewal does not come here: the timer then fires early once, finds nothing due,
    /// and is set anew.
    /// </summary>
    private void Arm()
    {
        var now = _time.GetUtcNow();
        var first = DateTimeOffset.MaxValue;
        foreach (var (_, lease) in _leases)
        {
            // What is due already is on its way to the writer.
            if (lease.Deadline > now && lease.Deadline < first)
            {
                first = lease.Deadline;
            }
        }
        if (first < _armed && _expire is not null)
        {
            _armed = first;
            _timer.Change(first - now, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Lease {Lease} is over but its keys could not be deleted yet")]
    private partial void LogExpiryFailed(Exception exception, long lease);

    private sealed class Lease(TimeSpan timeToLive, DateTimeOffset deadline)
    {
        public TimeSpan TimeToLive { get; } = timeToLive;

        public DateTimeOffset Deadline { get; set; } = deadline;

        public bool Ending { get; set; }

        public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);
    }
}
