namespace Kybernet.Scheduler.Queue;

/// <summary>
/// The events since the oldest pod in flight was popped. A pod that turns out unschedulable may have been judged by a world in which an event had not
/// happened yet; so what came meanwhile is looked at when it comes back. Not safe to share.
/// </summary>
internal sealed class InFlightEvents
{
    private readonly Dictionary<string, QueuedPod> _pods = new(StringComparer.Ordinal);
    private readonly List<ClusterEvent> _events = [];
    private long _first;

    public int Count => _pods.Count;

    public void Begin(QueuedPod pod)
    {
        pod.EventsFrom = _first + _events.Count;
        _pods[pod.Pod.Uid] = pod;
    }

    public QueuedPod? Find(string uid) => _pods.GetValueOrDefault(uid);

    public void Record(ClusterEvent happened)
    {
        if (_pods.Count > 0)
        {
            _events.Add(happened);
        }
    }

    /// <summary>The events since a pod was popped.</summary>
    public ReadOnlySpan<ClusterEvent> Since(QueuedPod pod) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_events)[(int)(pod.EventsFrom - _first)..];

    /// <summary>A pod is not in flight any more; events that no other needs are dropped.</summary>
    public bool End(string uid)
    {
        if (!_pods.Remove(uid))
        {
            return false;
        }
        if (_pods.Count == 0)
        {
            _first += _events.Count;
            _events.Clear();
        }
        else if (_events.Count > 1024)
        {
            Trim();
        }
        return true;
    }

    // Looks at all pods in flight, but only once in a thousand events.
    private void Trim()
    {
        var oldest = long.MaxValue;
        foreach (var pod in _pods.Values)
        {
            oldest = Math.Min(oldest, pod.EventsFrom);
        }
        var surplus = (int)(oldest - _first);
        if (surplus * 2 >= _events.Count)
        {
            _events.RemoveRange(0, surplus);
            _first = oldest;
        }
    }
}
