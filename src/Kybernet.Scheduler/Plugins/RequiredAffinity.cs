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

    // The few labels that existing pods' terms are about: a node is looked up by each, however many places there are.
    private readonly List<int> _existingKeys = [];

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
        foreach (var (key, _) in existing.Keys)
        {
            if (!_existingKeys.Contains(key))
            {
                _existingKeys.Add(key);
            }
        }
    }

    /// <summary>Whether some running pod must not run near to it.</summary>
    public bool HasExisting => _existing.Count > 0;

    public static RequiredAffinity Count(PodFacts pod, Snapshot snapshot, PluginContext context)
    {
        var required = new RequiredAffinity(pod, context.Cluster, [], [], []);
        required.CountExisting(snapshot);
        if (required._affinity.Length == 0 && required._anti.Length == 0)
        {
            return required;
        }
        if (required._affinity.Length <= 1 && Array.TrueForAll(required._affinity, IsSimple) && Array.TrueForAll(required._anti, IsSimple))
        {
            required.CountSimple(required._affinity, required._near, snapshot, context.PodCounts);
            required.CountSimple(required._anti, required._away, snapshot, context.PodCounts);
            return required;
        }
        foreach (var node in snapshot.Nodes)
        {
            foreach (var existing in node.Pods)
            {
                required.ChangeOwn(existing, node.Facts, 1);
            }
        }
        return required;
    }

    // Of one namespace, so that the kept counts of matching pods answer it.
    private static bool IsSimple(AffinityTerm term) => term is { Namespaces.Length: 1, NamespaceSelector: null, Selector: not null };

    private void CountSimple(AffinityTerm[] terms, Dictionary<(int, int), int> sums, Snapshot snapshot, PodCounts counts)
    {
        foreach (var term in terms)
        {
            var perNode = counts.Count(snapshot, term.Namespaces[0], term.Selector!, withLeaving: true);
            foreach (var node in snapshot.Nodes)
            {
                if (perNode[node.Index] > 0)
                {
                    Add(sums, term.TopologyKey, node.Facts, perNode[node.Index]);
                }
            }
        }
    }

    private void CountExisting(Snapshot snapshot)
    {
        foreach (var entry in snapshot.Affinity.Entries)
        {
            if (entry.Kind != AffinityKind.RequiredAnti || !entry.Term.Matches(_pod, _cluster.NamespaceLabels))
            {
                continue;
            }
            foreach (var (node, count) in entry.Nodes)
            {
                Add(_existing, entry.Term.TopologyKey, node.Facts, count);
            }
        }
    }

    /// <summary>A pod is on a node, or away from it.</summary>
    public void Change(PodFacts other, NodeFacts node, int by)
    {
        ChangeOwn(other, node, by);
        foreach (var term in other.Affinity?.RequiredAnti ?? [])
        {
            if (term.Matches(_pod, _cluster.NamespaceLabels))
            {
                Add(_existing, term.TopologyKey, node, by);
            }
        }
    }

    private void ChangeOwn(PodFacts other, NodeFacts node, int by)
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
        foreach (var key in _existingKeys)
        {
            var value = node.LabelValue(key);
            if (value >= 0 && _existing.ContainsKey((key, value)))
            {
                return false;
            }
        }
        return true;
    }

    public object Copy() => new RequiredAffinity(_pod, _cluster, new(_near), new(_away), new(_existing));

    private void Add(Dictionary<(int, int), int> counts, int key, NodeFacts node, int by)
    {
        if (counts == _existing && !_existingKeys.Contains(key))
        {
            _existingKeys.Add(key);
        }
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
