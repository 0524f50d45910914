using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Framework;

/// <summary>
/// The pods for which room is being made, by the node where. Pods of a lower priority must not take that room meanwhile. Safe to share.
/// </summary>
internal sealed class Nominations
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<PodFacts>> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _nodes = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Whether there are any: then every filter has to look.</summary>
    public bool Any => Volatile.Read(ref _count) > 0;

    /// <summary>The node that is being made ready for a pod; null for none.</summary>
    public string? NodeOf(string uid)
    {
        lock (_lock)
        {
            return _nodes.GetValueOrDefault(uid);
        }
    }

    public void Set(PodFacts pod, string node)
    {
        lock (_lock)
        {
            Take(pod.Uid);
            if (node.Length == 0)
            {
                return;
            }
            _nodes[pod.Uid] = node;
            if (!_byNode.TryGetValue(node, out var pods))
            {
                _byNode[node] = pods = [];
            }
            pods.Add(pod);
            Volatile.Write(ref _count, _nodes.Count);
        }
    }

    public void Remove(string uid)
    {
        if (!Any)
        {
            return;
        }
        lock (_lock)
        {
            Take(uid);
        }
    }

    /// <summary>The pods nominated to a node that a pod has to give way to; null for none.</summary>
    public List<PodFacts>? Rivals(string node, PodFacts pod)
    {
        lock (_lock)
        {
            if (!_byNode.TryGetValue(node, out var pods))
            {
                return null;
            }
            List<PodFacts>? rivals = null;
            foreach (var other in pods)
            {
                if (other.Uid != pod.Uid && other.Priority >= pod.Priority)
                {
                    (rivals ??= []).Add(other);
                }
            }
            return rivals;
        }
    }

    /// <summary>The pods of a lower priority that are nominated to a node.</summary>
    public List<PodFacts>? LowerThan(string node, int priority)
    {
        lock (_lock)
        {
            return _byNode.TryGetValue(node, out var pods) ? pods.FindAll(pod => pod.Priority < priority) : null;
        }
    }

    private void Take(string uid)
    {
        if (!_nodes.Remove(uid, out var node))
        {
            return;
        }
        var pods = _byNode[node];
        pods.RemoveAll(pod => pod.Uid == uid);
        if (pods.Count == 0)
        {
            _byNode.Remove(node);
        }
        Volatile.Write(ref _count, _nodes.Count);
    }
}
