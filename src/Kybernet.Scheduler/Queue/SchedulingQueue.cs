using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Queue;

/// <summary>
/// The pods that wait to be scheduled. <c>Active</c>: to be tried now, by the profile's order. <c>Backoff</c>: to be tried when some time is over.
/// <c>Unschedulable</c>: refused, until an event that may help, or the time limit. <c>Gated</c>: kept out by a plugin. A pod that was popped is in
/// flight until <see cref="Done"/>. Safe to share.
/// </summary>
/// <param name="options">Back-off and limits.</param>
/// <param name="compare">The order of the active pods.</param>
/// <param name="time">The clock.</param>
internal sealed class SchedulingQueue(QueueOptions options, Comparison<QueuedPod> compare, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Dictionary<string, QueuedPod> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QueuedPod> _unschedulable = new(StringComparer.Ordinal);
    private readonly InFlightEvents _inFlight = new();
    private readonly PodHeap _active = new((first, second) => compare(first, second) is var order && order != 0 ? order : first.Sequence.CompareTo(second.Sequence));
    private readonly PodHeap _backoff = new(CompareBackoff);

    // Who waits because something broke is never popped early, and so waits apart.
    private readonly PodHeap _failed = new(CompareBackoff);
    private readonly List<QueuedPod> _moving = [];
    private long _sequence;

    /// <summary>How many pods are where.</summary>
    public QueueCounts Counts
    {
        get
        {
            lock (_lock)
            {
                var gated = 0;
                foreach (var pod in _unschedulable.Values)
                {
                    gated += pod.Where == QueuedPod.Place.Gated ? 1 : 0;
                }
                return new QueueCounts(_active.Count, _backoff.Count + _failed.Count, _unschedulable.Count - gated, gated, _inFlight.Count);
            }
        }
    }

    public void Dispose() => _arrived.Dispose();

    /// <summary>A pod has come to be scheduled.</summary>
    public void Add(PodFacts pod, IProfileEvents profile)
    {
        lock (_lock)
        {
            if (_pods.ContainsKey(pod.Uid))
            {
                return;
            }
            var queued = new QueuedPod(pod, profile, time.GetUtcNow()) { Sequence = ++_sequence };
            _pods[pod.Uid] = queued;
            Activate(queued);
        }
    }

    /// <summary>A waiting pod has changed.</summary>
    /// <param name="pod">As it is.</param>
    /// <param name="profile">The profile that it belongs to.</param>
    /// <param name="changes">What of it may make it schedulable; <see cref="ClusterActions.None"/> for nothing.</param>
    public void Update(PodFacts pod, IProfileEvents profile, ClusterActions changes)
    {
        lock (_lock)
        {
            if (!_pods.TryGetValue(pod.Uid, out var queued))
            {
                queued = new QueuedPod(pod, profile, time.GetUtcNow()) { Sequence = ++_sequence };
                _pods[pod.Uid] = queued;
                Activate(queued);
                return;
            }
            var happened = new ClusterEvent(ClusterResource.TargetPod, changes) { OldPod = queued.Pod, Pod = pod };
            queued.Pod = pod;
            switch (queued.Where)
            {
                case QueuedPod.Place.Active:
                    _active.Fix(queued);
                    break;
                case QueuedPod.Place.InFlight when changes != ClusterActions.None:
                    _inFlight.Record(happened);
                    break;
                case QueuedPod.Place.Gated or QueuedPod.Place.Unschedulable when Helps(happened, queued):
                    _unschedulable.Remove(pod.Uid);
                    Requeue(queued);
                    break;
            }
        }
    }

    /// <summary>A pod does not wait any more: it is deleted, or bound.</summary>
    public void Delete(string uid)
    {
        lock (_lock)
        {
            if (!_pods.Remove(uid, out var pod))
            {
                return;
            }
            switch (pod.Where)
            {
                case QueuedPod.Place.Active:
                    _active.Remove(pod);
                    break;
                case QueuedPod.Place.Backoff:
                    BackoffOf(pod).Remove(pod);
                    break;
                default:
                    _unschedulable.Remove(uid);
                    break;
            }
            if (pod.Where != QueuedPod.Place.InFlight)
            {
                pod.Where = QueuedPod.Place.None;
            }
        }
    }

    /// <summary>Takes the next pod; waits for one where there is none.</summary>
    public async ValueTask<QueuedPod> PopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryPop() is { } pod)
            {
                return pod;
            }
            await _arrived.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes the next pod; null where there is none. It is in flight then.</summary>
    public QueuedPod? TryPop()
    {
        lock (_lock)
        {
            QueuedPod pod;
            if (_active.Count > 0)
            {
                pod = _active.Pop();
            }
            else if (options.PopsFromBackoff && _backoff.Count > 0)
            {
                // Nothing better to do: waiting serves to let others go first, and there are none.
                pod = _backoff.Pop();
            }
            else
            {
                return null;
            }
            pod.Where = QueuedPod.Place.InFlight;
            pod.Attempts++;
            pod.RejectedBy = 0;
            _inFlight.Begin(pod);
            return pod;
        }
    }

    /// <summary>Puts back a pod that could not be scheduled: to wait for an event, or for its back-off where one came meanwhile or something broke.</summary>
    /// <param name="pod">What was popped.</param>
    /// <param name="rejectedBy">The plugins that refused it; none where something broke.</param>
    public void Return(QueuedPod pod, ulong rejectedBy)
    {
        lock (_lock)
        {
            if (pod.Where != QueuedPod.Place.InFlight)
            {
                return;
            }
            var uid = pod.Pod.Uid;
            pod.RejectedBy = rejectedBy;
            pod.Since = time.GetUtcNow();
            var isWoken = rejectedBy == 0;
            foreach (var happened in _inFlight.Since(pod))
            {
                isWoken |= Helps(happened, pod);
            }
            _inFlight.End(uid);
            pod.Where = QueuedPod.Place.None;
            if (!_pods.TryGetValue(uid, out var known) || known != pod)
            {
                return; // deleted meanwhile
            }
            if (rejectedBy == 0)
            {
                pod.Errors++;
            }
            else
            {
                pod.Errors = 0;
                pod.Rejections++;
            }
            if (isWoken)
            {
                Requeue(pod);
                return;
            }
            pod.Where = QueuedPod.Place.Unschedulable;
            _unschedulable[uid] = pod;
        }
    }

    /// <summary>A pod that was popped needs no more scheduling.</summary>
    public void Done(QueuedPod pod)
    {
        lock (_lock)
        {
            if (pod.Where == QueuedPod.Place.InFlight)
            {
                _inFlight.End(pod.Pod.Uid);
                pod.Where = QueuedPod.Place.None;
                if (_pods.TryGetValue(pod.Pod.Uid, out var known) && known == pod)
                {
                    _pods.Remove(pod.Pod.Uid);
                }
            }
        }
    }

    /// <summary>Wakes the pods that an event may help.</summary>
    public void MoveOn(ClusterEvent happened)
    {
        lock (_lock)
        {
            _inFlight.Record(happened);
            foreach (var pod in _unschedulable.Values)
            {
                if (Helps(happened, pod))
                {
                    _moving.Add(pod);
                }
            }
            RequeueMoving();
        }
    }

    /// <summary>Tries pods at once, whatever refused them.</summary>
    public void Activate(IReadOnlyList<string> uids)
    {
        lock (_lock)
        {
            foreach (var uid in uids)
            {
                if (!_pods.TryGetValue(uid, out var pod))
                {
                    continue;
                }
                if (pod.Where == QueuedPod.Place.Backoff)
                {
                    BackoffOf(pod).Remove(pod);
                    Activate(pod);
                }
                else if (_unschedulable.Remove(uid))
                {
                    Activate(pod);
                }
            }
        }
    }

    /// <summary>Activates what has waited long enough: to be called every second.</summary>
    public void FlushBackoff()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            FlushBackoff(_backoff, now);
            FlushBackoff(_failed, now);
        }
    }

    /// <summary>Tries again what has been unschedulable for too long, lest a missed event leaves it for ever: to be called every half minute.</summary>
    public void FlushUnschedulable()
    {
        lock (_lock)
        {
            var limit = time.GetUtcNow() - options.MaxUnschedulable;
            foreach (var pod in _unschedulable.Values)
            {
                if (pod.Where == QueuedPod.Place.Unschedulable && pod.Since < limit)
                {
                    _moving.Add(pod);
                }
            }
            RequeueMoving();
        }
    }

    private static int CompareBackoff(QueuedPod first, QueuedPod second)
    {
        var order = first.BackoffUntil.CompareTo(second.BackoffUntil);
        return order != 0 ? order : first.Sequence.CompareTo(second.Sequence);
    }

    private static bool Helps(ClusterEvent happened, QueuedPod pod)
    {
        if (happened.Resource == ClusterResource.Any)
        {
            return pod.Where != QueuedPod.Place.Gated;
        }
        if (happened.Resource == ClusterResource.TargetPod && happened.Pod?.Uid != pod.Pod.Uid)
        {
            return false;
        }
        return pod.Profile.MayHelp(happened, pod.Pod, pod.RejectedBy);
    }

    private void FlushBackoff(PodHeap heap, DateTimeOffset now)
    {
        while (heap.Count > 0 && heap.Peek.BackoffUntil <= now)
        {
            Activate(heap.Pop());
        }
    }

    private PodHeap BackoffOf(QueuedPod pod) => pod.Errors > 0 ? _failed : _backoff;

    private void RequeueMoving()
    {
        foreach (var pod in _moving)
        {
            _unschedulable.Remove(pod.Pod.Uid);
            Requeue(pod);
        }
        _moving.Clear();
    }

    private void Requeue(QueuedPod pod)
    {
        var until = pod.Since + DelayOf(pod);
        if (pod.Where == QueuedPod.Place.Gated || until <= time.GetUtcNow())
        {
            Activate(pod);
            return;
        }
        pod.BackoffUntil = until;
        pod.Where = QueuedPod.Place.Backoff;
        BackoffOf(pod).Push(pod);
        Signal();
    }

    private void Activate(QueuedPod pod)
    {
        var gate = pod.Profile.GateOf(pod.Pod);
        if (gate >= 0)
        {
            pod.RejectedBy = 1UL << gate;
            pod.Where = QueuedPod.Place.Gated;
            _unschedulable[pod.Pod.Uid] = pod;
            return;
        }
        pod.Since = pod.Attempts == 0 ? pod.FirstSeen : pod.Since;
        pod.Where = QueuedPod.Place.Active;
        _active.Push(pod);
        Signal();
    }

    private TimeSpan DelayOf(QueuedPod pod)
    {
        var count = pod.Errors > 0 ? pod.Errors : pod.Rejections;
        if (count == 0)
        {
            return TimeSpan.Zero;
        }
        var backoff = options.InitialBackoff * Math.Pow(2, Math.Min(count - 1, 30));
        return backoff < options.MaxBackoff ? backoff : options.MaxBackoff;
    }

    private void Signal()
    {
        if (_arrived.CurrentCount == 0)
        {
            _arrived.Release();
        }
    }
}

/// <summary>How many pods are in which part of the queue.</summary>
/// <param name="Active">To be tried now.</param>
/// <param name="Backoff">To be tried when some time is over.</param>
/// <param name="Unschedulable">Waiting for an event.</param>
/// <param name="Gated">Kept out.</param>
/// <param name="InFlight">Being scheduled or bound.</param>
public readonly record struct QueueCounts(int Active, int Backoff, int Unschedulable, int Gated, int InFlight);
