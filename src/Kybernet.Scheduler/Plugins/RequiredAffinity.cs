using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>In which places there are pods that one pod must run near to, must not, or that must not run near to it.</summary>
internal sealed class RequiredAffinity : ICopiedState
{
    private readonly PodFacts _pod;
    private readonly IClusterView _cluster;
    private readonly AffinityTerm[] _affinity;
    private readonly AffinityTerm[] _anti;
    private readonly Dictionary<(int Key, int Value), int> _near;
    private readonly Dictionary<(int Key, int Value), int> _away;
    private readonly Dictionary<(int Key, int Value), int> _existing;

    private RequiredAffinity(
        PodFacts pod, IClusterView cluster, Dictionary<(int, int), int> near, Dictionary<(int, int), int> away, Dictionary<(int, int), int> existing)
    {
        _pod = pod;
        _cluster = cluster;
        _affinity = pod.Affinity?.Required ?? [];
        _anti = pod.Affinity?.RequiredAnti ?? [];
        _near = near;
        _away = away;
        _existing = existing;
    }

    /// <summary>Whether some running pod must not run near to it.</summary>
    public bool HasExisting => _existing.Count > 0;

    public static RequiredAffinity Count(PodFacts pod, Snapshot snapshot, IClusterView cluster)
    {
        var required = new RequiredAffinity(pod, cluster, [], [], []);
        var asks = required._affinity.Length > 0 || required._anti.Length > 0;
        foreach (var node in snapshot.Nodes)
        {
            if (!asks && node.PodsWithRequiredAntiAffinity == 0)
            {
                continue;
            }
            foreach (var existing in node.Pods)
            {
                required.Change(existing, node.Facts, 1);
            }
        }
        return required;
    }

    /// <summary>A pod is on a node, or away from it.</summary>
    public void Change(PodFacts other, NodeFacts node, int by)
    {
        if (_affinity.Length > 0 && MatchesAll(_affinity, other))
        {
            foreach (var term in _affinity)
            {
                Add(_near, term.TopologyKey, node, by);
            }
        }
        foreach (var term in _anti)
        {
            if (term.Matches(other, _cluster.NamespaceLabels))
            {
                Add(_away, term.TopologyKey, node, by);
            }
        }
        foreach (var term in other.Affinity?.RequiredAnti ?? [])
        {
            if (term.Matches(_pod, _cluster.NamespaceLabels))
            {
                Add(_existing, term.TopologyKey, node, by);
            }
        }
    }

    public bool SatisfiesAffinity(NodeFacts node)
    {
        var isNear = true;
        foreach (var term in _affinity)
        {
            var value = node.LabelValue(term.TopologyKey);
            if (value < 0)
            {
                return false;
            }
            isNear &= _near.ContainsKey((term.TopologyKey, value));
        }
        // The first of a group that wants to be together has nobody to be near to: it may go anywhere.
        return isNear || (_near.Count == 0 && MatchesAll(_affinity, _pod));
    }

    public bool SatisfiesAntiAffinity(NodeFacts node)
    {
        foreach (var term in _anti)
        {
            var value = node.LabelValue(term.TopologyKey);
            if (value >= 0 && _away.ContainsKey((term.TopologyKey, value)))
            {
                return false;
            }
        }
        return true;
    }

    public bool SatisfiesExisting(NodeFacts node)
    {
        foreach (var (key, value) in _existing.Keys)
        {
            if (node.LabelValue(key) == value)
            {
                return false;
            }
        }
        return true;
    }

    public object Copy() => new RequiredAffinity(_pod, _cluster, new(_near), new(_away), new(_existing));

    private static void Add(Dictionary<(int, int), int> counts, int key, NodeFacts node, int by)
    {
        var value = node.LabelValue(key);
        if (value < 0)
        {
            return;
        }
        var count = counts.GetValueOrDefault((key, value)) + by;
        if (count == 0)
        {
            counts.Remove((key, value));
            return;
        }
        counts[(key, value)] = count;
    }

    private bool MatchesAll(AffinityTerm[] terms, PodFacts pod)
    {
        foreach (var term in terms)
        {
            if (!term.Matches(pod, _cluster.NamespaceLabels))
            {
                return false;
            }
        }
        return true;
    }
}
