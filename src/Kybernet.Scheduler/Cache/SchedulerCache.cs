using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Cache;

/// <summary>
/// What the scheduler believes of nodes and the pods on them. A pod that it has decided on is assumed to be there at once, until the API server
/// confirms it, the binding fails (<see cref="Forget"/>), or, where an expiry is set, no confirmation comes in time. Safe to share.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="assumedExpiry">How long after its binding a pod is believed without confirmation; infinite for always.</param>
internal sealed class SchedulerCache(TimeProvider time, TimeSpan assumedExpiry)
{
    private sealed class PodState(PodFacts pod, string node)
    {
        public PodFacts Pod { get; } = pod;

        public string Node { get; } = node;

        public bool IsAssumed { get; init; }

        public DateTimeOffset? Deadline { get; set; }
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<string, NodeInfo> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodState> _pods = new(StringComparer.Ordinal);
    private readonly List<NodeInfo> _dirty = [];
    private readonly ImageTable _images = new();
    private long _generation;
    private bool _layoutChanged;

    /// <summary>How many pods are assumed.</summary>
    public int AssumedCount
    {
        get
        {
            lock (_lock)
            {
                return _pods.Values.Count(pod => pod.IsAssumed);
            }
        }
    }

    /// <summary>How many nodes are known.</summary>
    public int NodeCount
    {
        get
        {
            lock (_lock)
            {
                return _nodes.Values.Count(node => node.IsKnown);
            }
        }
    }

    /// <summary>Counts a pod on the node that was chosen for it.</summary>
    /// <exception cref="InvalidOperationException">It is counted already.</exception>
    public void Assume(PodFacts pod, string node)
    {
        lock (_lock)
        {
            if (_pods.ContainsKey(pod.Uid))
            {
                throw new InvalidOperationException($"pod {pod.Key.Namespace}/{pod.Key.Name}({pod.Uid}) is in the cache, so can't be assumed");
            }
            Put(new PodState(pod, node) { IsAssumed = true });
        }
    }

    /// <summary>The binding succeeded: from now on the expiry runs.</summary>
    public void FinishBinding(PodFacts pod)
    {
        lock (_lock)
        {
            if (assumedExpiry != Timeout.InfiniteTimeSpan && _pods.TryGetValue(pod.Uid, out var state) && state.IsAssumed)
            {
                state.Deadline = time.GetUtcNow() + assumedExpiry;
            }
        }
    }

    /// <summary>Takes back what was assumed; a pod that the API server has confirmed stays.</summary>
    public void Forget(PodFacts pod)
    {
        lock (_lock)
        {
            if (_pods.TryGetValue(pod.Uid, out var state) && state.IsAssumed)
            {
                Take(pod.Uid);
            }
        }
    }

    /// <summary>Whether a pod is assumed and not confirmed yet.</summary>
    public bool IsAssumed(string uid)
    {
        lock (_lock)
        {
            return _pods.TryGetValue(uid, out var state) && state.IsAssumed;
        }
    }

    /// <summary>The API server says that a pod is on a node, or has changed there.</summary>
    /// <returns>The pod as the API server said before; null where it did not.</returns>
    public PodFacts? SetPod(PodFacts pod)
    {
        lock (_lock)
        {
            if (_pods.TryGetValue(pod.Uid, out var state) && state.Node == pod.NodeName && state.Pod.CountsAs(pod))
            {
                // What was assumed is confirmed: the snapshot need not learn of it, as nothing is counted otherwise.
                RowOf(state.Node).Replace(pod);
                _pods[pod.Uid] = new PodState(pod, pod.NodeName);
                return state.IsAssumed ? null : state.Pod;
            }
            Take(pod.Uid);
            Put(new PodState(pod, pod.NodeName));
            return state is { IsAssumed: false } ? state.Pod : null;
        }
    }

    /// <summary>The API server says that a pod is gone, or has ended.</summary>
    /// <returns>Whether it was counted.</returns>
    public bool RemovePod(string uid)
    {
        lock (_lock)
        {
            return Take(uid);
        }
    }

    /// <summary>A node is there, or has changed.</summary>
    /// <returns>The node as it was; null where it was not known.</returns>
    public NodeFacts? SetNode(NodeFacts facts)
    {
        lock (_lock)
        {
            var row = RowOf(facts.Name);
            var previous = row.IsKnown ? row.Facts : null;
            if (row.IsKnown)
            {
                _images.Remove(row.Facts.Images);
                _layoutChanged |= row.Facts.Zone != facts.Zone;
            }
            else
            {
                _layoutChanged = true;
            }
            _images.Add(facts.Images);
            row.SetFacts(facts);
            Touch(row);
            return previous;
        }
    }

    /// <summary>A node is gone. Its pods are kept until they go themselves.</summary>
    public void RemoveNode(string name)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(name, out var row) || !row.IsKnown)
            {
                return;
            }
            _images.Remove(row.Facts.Images);
            row.SetFacts(null);
            _layoutChanged = true;
            Touch(row);
            DropIfEmpty(name, row);
        }
    }

    /// <summary>Takes back the assumed pods that were not confirmed in time.</summary>
    /// <returns>Those pods.</returns>
    public IReadOnlyList<PodFacts> Expire()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            List<PodFacts>? expired = null;
            foreach (var state in _pods.Values)
            {
                if (state.IsAssumed && state.Deadline <= now)
                {
                    (expired ??= []).Add(state.Pod);
                }
            }
            foreach (var pod in expired ?? [])
            {
                Take(pod.Uid);
            }
            return expired ?? [];
        }
    }

    /// <summary>Brings a snapshot up to date: copies the nodes that changed since, and no others. There is one snapshot to a cache.</summary>
    public void Update(Snapshot snapshot)
    {
        lock (_lock)
        {
            foreach (var row in _dirty)
            {
                row.IsDirty = false;
                if (row.Shadow is { } before)
                {
                    snapshot.Affinity.Count(before, -1);
                }
                if (!row.IsKnown)
                {
                    row.Shadow = null;
                    continue;
                }
                (row.Shadow ??= new NodeInfo()).CopyFrom(row);
                snapshot.Affinity.Count(row.Shadow, 1);
            }
            _dirty.Clear();
            if (_layoutChanged)
            {
                _layoutChanged = false;
                snapshot.SetNodes(ZoneInterleaving.Order(_nodes.Values));
            }
            if (_images.TakeChanged() is { } images)
            {
                snapshot.SetImages(images);
            }
        }
    }

    private void Put(PodState state)
    {
        _pods[state.Pod.Uid] = state;
        var row = RowOf(state.Node);
        row.Add(state.Pod);
        Touch(row);
    }

    private bool Take(string uid)
    {
        if (!_pods.Remove(uid, out var state))
        {
            return false;
        }
        var row = RowOf(state.Node);
        row.Remove(uid);
        Touch(row);
        DropIfEmpty(state.Node, row);
        return true;
    }

    private NodeInfo RowOf(string name)
    {
        if (!_nodes.TryGetValue(name, out var row))
        {
            _nodes[name] = row = new NodeInfo();
        }
        return row;
    }

    private void DropIfEmpty(string name, NodeInfo row)
    {
        if (!row.IsKnown && row.PodCount == 0)
        {
            _nodes.Remove(name);
        }
    }

    private void Touch(NodeInfo row)
    {
        row.Generation = ++_generation;
        if (!row.IsDirty)
        {
            row.IsDirty = true;
            _dirty.Add(row);
        }
    }
}
