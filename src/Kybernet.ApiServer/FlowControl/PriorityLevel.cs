namespace Kybernet.ApiServer.FlowControl;

/// <summary>Why a request is turned away, as metrics name it.</summary>
internal enum Refusal
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>No seat is free, and the level has no queues.</summary>
    ConcurrencyLimit,

    /// <summary>Its queue is full.</summary>
    QueueFull,

    /// <summary>It has waited for too long.</summary>
    TimeOut,

    /// <summary>The client went away while it waited.</summary>
    Cancelled,
}

/// <summary>
/// The seats of one priority level, and the queues of requests that wait for them: fair queueing for server requests (KEP-1040). Each flow has its
/// few queues; of all queues that wait, the one is served next whose request would end first if all were served bit by bit at the same time.
/// </summary>
internal sealed class PriorityLevel
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly SeatDemand _demand;
    private LevelSettings _settings;
    private RequestQueue[] _queues;
    private int _limit;
    private int _held;
    private int _executing;
    private int _waiting;
    private int _waitingSeats;
    private int _next;
    private double _virtualTime;
    private long _updated;

    public PriorityLevel(string name, string uid, LevelSettings settings, TimeProvider time)
    {
        (Name, Uid, _settings, _time) = (name, uid, settings, time);
        _demand = new SeatDemand(time);
        _limit = settings.Nominal;
        _queues = QueuesOf(settings);
        _updated = time.GetTimestamp();
        Counts = new LevelCounts();
    }

    public string Name { get; }

    /// <summary>The uid of its object, which clients are told.</summary>
    public string Uid { get; set; }

    /// <summary>What has become of its requests.</summary>
    public LevelCounts Counts { get; }

    /// <summary>What its object asks for. The seats that it has beyond or below are settled at the next look at what all levels want.</summary>
    public LevelSettings Settings
    {
        get => Volatile.Read(ref _settings);
        set => Reconfigure(value);
    }

    /// <summary>How many seats it has now.</summary>
    public int Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            lock (_gate)
            {
                AdvanceVirtualTime();
                _limit = value;
                DispatchAll();
            }
        }
    }

    /// <summary>Begins a request: it goes on at once, waits, or is turned away.</summary>
    public Refusal Begin(SeatRequest request)
    {
        lock (_gate)
        {
            AdvanceVirtualTime();
            if (_settings.IsExempt || (_settings.Queues == 0 && HasRoom(request.Seats)))
            {
                Start(request);
                return Refusal.None;
            }
            if (_settings.Queues == 0)
            {
                return Refusal.ConcurrencyLimit;
            }
            var queue = ChooseQueue(request.Flow);
            if (queue.Waiting.Count >= _settings.QueueLength)
            {
                return Refusal.QueueFull;
            }
            Enqueue(queue, request);
            DispatchAll();
            return Refusal.None;
        }
    }

    /// <summary>A request that waits gives up.</summary>
    /// <returns>Whether it still waited; otherwise it has its seats.</returns>
    public bool GiveUp(SeatRequest request)
    {
        lock (_gate)
        {
            AdvanceVirtualTime();
            if (request.Queue?.Remove(request) != true)
            {
                return false;
            }
            _waiting--;
            _waitingSeats -= request.Seats;
            NoteDemand();
            return true;
        }
    }

    /// <summary>A request is answered: its seats are the next one's.</summary>
    public void Complete(SeatRequest request)
    {
        lock (_gate)
        {
            AdvanceVirtualTime();
            _held -= request.Seats;
            _executing--;
            request.Queue?.Complete(request, _time.GetElapsedTime(request.Dispatched, _updated).TotalSeconds);
            NoteDemand();
            DispatchAll();
        }
    }

    /// <summary>Ends a period of looking at its demand.</summary>
    /// <returns>The demand as it has been of late, and its peak in the period, in seats.</returns>
    public (double Smoothed, double Peak) EndPeriod()
    {
        lock (_gate)
        {
            _demand.EndPeriod();
            return (_demand.Smoothed, _demand.Peak);
        }
    }

    /// <summary>How it is at this moment.</summary>
    public LevelState Look()
    {
        lock (_gate)
        {
            return new LevelState(_limit, _executing, _held, _waiting, [.. _queues.Select(static queue =>
                new QueueState(queue.Waiting.Count, queue.WaitingSeats, queue.HeldSeats, queue.VirtualStart, [.. queue.Waiting]))]);
        }
    }

    private static RequestQueue[] QueuesOf(LevelSettings settings) => [.. Enumerable.Range(0, settings.Queues).Select(static _ => new RequestQueue())];

    private bool HasRoom(int seats) => _held == 0 || _held + seats <= _limit;

    private void Reconfigure(LevelSettings settings)
    {
        lock (_gate)
        {
            AdvanceVirtualTime();
            var before = _settings;
            _settings = settings;
            _limit = Math.Clamp(_limit, settings.Lower, Math.Max(settings.Lower, settings.Upper));
            if (before.Queues != settings.Queues || before.HandSize != settings.HandSize)
            {
                Redeal(QueuesOf(settings));
            }
            DispatchAll();
        }
    }

    // Those that wait take their places anew, in the order in which they came; those that go on are charged to queues that are no more.
    private void Redeal(RequestQueue[] queues)
    {
        var waiting = _queues.SelectMany(static queue => queue.Waiting).OrderBy(static request => request.Arrived).ToList();
        _queues = queues;
        (_waiting, _waitingSeats, _next) = (0, 0, 0);
        foreach (var request in waiting)
        {
            if (queues.Length == 0)
            {
                request.Queue = null;
                Start(request);
            }
            else
            {
                Enqueue(ChooseQueue(request.Flow), request);
            }
        }
    }

    private RequestQueue ChooseQueue(ulong flow)
    {
        Span<int> hand = stackalloc int[Math.Min(_settings.HandSize, _queues.Length)];
        ShuffleSharding.Deal(flow, _queues.Length, hand);
        RequestQueue? best = null;
        foreach (var index in hand)
        {
            var queue = _queues[index];
            if (best is null || queue.WaitingSeats + queue.HeldSeats < best.WaitingSeats + best.HeldSeats)
            {
                best = queue;
            }
        }
        return best!;
    }

    private void Enqueue(RequestQueue queue, SeatRequest request)
    {
        queue.Enqueue(request, _virtualTime);
        _waiting++;
        _waitingSeats += request.Seats;
        NoteDemand();
    }

    private void Start(SeatRequest request)
    {
        _held += request.Seats;
        _executing++;
        NoteDemand();
        request.Dispatch(_updated);
    }

    private void DispatchAll()
    {
        while (_waiting > 0 && NextQueue() is { } queue && (_settings.IsExempt || HasRoom(queue.Waiting.First().Seats)))
        {
            var request = queue.Dequeue();
            _waiting--;
            _waitingSeats -= request.Seats;
            Start(request);
        }
    }

    // Of queues that are level, they take turns.
    private RequestQueue? NextQueue()
    {
        RequestQueue? best = null;
        var place = _next;
        for (var i = 1; i <= _queues.Length; i++)
        {
            var at = (_next + i) % _queues.Length;
            var queue = _queues[at];
            if (queue.Waiting.Count > 0 && (best is null || queue.VirtualFinish < best.VirtualFinish))
            {
                (best, place) = (queue, at);
            }
        }
        _next = place;
        return best;
    }

    // Virtual time goes as fast as each of the busy queues is served.
    private void AdvanceVirtualTime()
    {
        var now = _time.GetTimestamp();
        if (_held + _waitingSeats > 0)
        {
            var busy = 0;
            foreach (var queue in _queues)
            {
                busy += queue.IsActive ? 1 : 0;
            }
            _virtualTime += busy == 0 ? 0 : _time.GetElapsedTime(_updated, now).TotalSeconds * Math.Min(_held + _waitingSeats, _limit) / busy;
        }
        _updated = now;
    }

    private void NoteDemand() => _demand.Set(_held + _waitingSeats);
}
