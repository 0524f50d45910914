using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>How many matching pods each domain of the constraints that must hold has, as one pod's scheduling began.</summary>
internal sealed class RequiredSpread : ICopiedState
{
    public enum Verdict
    {
        Fits,
        MissingLabel,
        Uneven,
    }

    private readonly SpreadConstraint[] _constraints;
    private readonly bool[] _selfMatches;
    private readonly Dictionary<int, int>[] _domains;
    private readonly int[] _least;

    private RequiredSpread(SpreadConstraint[] constraints, bool[] selfMatches, Dictionary<int, int>[] domains)
    {
        _constraints = constraints;
        _selfMatches = selfMatches;
        _domains = domains;
        _least = new int[constraints.Length];
        FindLeast();
    }

    public static RequiredSpread Count(PodFacts pod, SpreadConstraint[] constraints, Snapshot snapshot, PluginContext context)
    {
        var domains = new Dictionary<int, int>[constraints.Length];
        var selfMatches = new bool[constraints.Length];
        for (var i = 0; i < constraints.Length; i++)
        {
            var constraint = constraints[i];
            domains[i] = [];
            selfMatches[i] = constraint.Selector?.Matches(pod.Labels) == true;
            var counts = constraint.Selector is { } selector ? context.PodCounts.Count(snapshot, pod.Key.Namespace, selector) : [];
            foreach (var node in snapshot.Nodes)
            {
                if (!IsCounted(pod, constraint, node.Facts, context.Compiler.Names) || !HasAllKeys(constraints, node.Facts))
                {
                    continue;
                }
                var domain = node.Facts.LabelValue(constraint.TopologyKey);
                domains[i][domain] = domains[i].GetValueOrDefault(domain) + (counts.Length == 0 ? 0 : counts[node.Index]);
            }
        }
        return new RequiredSpread(constraints, selfMatches, domains);
    }

    /// <summary>Whether a node's pods count at all.</summary>
    public static bool IsCounted(PodFacts pod, SpreadConstraint constraint, NodeFacts node, Interner names) =>
        (!constraint.SkipsForbiddenNodes || pod.Nodes?.Allows(node) != false) && (!constraint.SkipsTaintedNodes || pod.ToleratesNode(node, names));

    public static bool HasAllKeys(SpreadConstraint[] constraints, NodeFacts node)
    {
        foreach (var constraint in constraints)
        {
            if (node.LabelValue(constraint.TopologyKey) < 0)
            {
                return false;
            }
        }
        return true;
    }

    public Verdict Check(NodeInfo node)
    {
        for (var i = 0; i < _constraints.Length; i++)
        {
            var domain = node.Facts.LabelValue(_constraints[i].TopologyKey);
            if (domain < 0)
            {
                return Verdict.MissingLabel;
            }
            var skew = _domains[i].GetValueOrDefault(domain) + (_selfMatches[i] ? 1 : 0) - _least[i];
            if (skew > _constraints[i].MaxSkew)
            {
                return Verdict.Uneven;
            }
        }
        return Verdict.Fits;
    }

    /// <summary>A pod is tried on a node, or away from it.</summary>
    public void Change(PodFacts pod, PodFacts changed, NodeInfo node, int by, Interner names)
    {
        if (changed.Key.Namespace != pod.Key.Namespace || !HasAllKeys(_constraints, node.Facts))
        {
            return;
        }
        for (var i = 0; i < _constraints.Length; i++)
        {
            if (_constraints[i].Selector?.Matches(changed.Labels) == true && IsCounted(pod, _constraints[i], node.Facts, names))
            {
                var domain = node.Facts.LabelValue(_constraints[i].TopologyKey);
                _domains[i][domain] = _domains[i].GetValueOrDefault(domain) + by;
            }
        }
        FindLeast();
    }

    public object Copy() => new RequiredSpread(_constraints, _selfMatches, Array.ConvertAll(_domains, domain => new Dictionary<int, int>(domain)));

    private void FindLeast()
    {
        for (var i = 0; i < _constraints.Length; i++)
        {
            var least = int.MaxValue;
            foreach (var count in _domains[i].Values)
            {
                least = Math.Min(least, count);
            }
            // Domains that do not exist yet are empty.
            _least[i] = _domains[i].Count < _constraints[i].MinDomains ? 0 : least;
        }
    }
}
