using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>How many matching pods each domain of the constraints that should hold has: the fewer, the better.</summary>
internal sealed class PreferredSpread
{
    /// <summary>The score of a node without the labels that all constraints need.</summary>
    public const long Ignored = -1;

    private readonly SpreadConstraint[] _constraints;
    private readonly bool _requireAll;

    // By constraint: the counts by domain; or, where each node is a domain, by the node's place.
    private readonly Dictionary<int, int>?[] _domains;
    private readonly int[]?[] _perNode;
    private readonly double[] _weights;

    private PreferredSpread(SpreadConstraint[] constraints, bool requireAll)
    {
        _constraints = constraints;
        _requireAll = requireAll;
        _domains = new Dictionary<int, int>?[constraints.Length];
        _perNode = new int[]?[constraints.Length];
        _weights = new double[constraints.Length];
    }

    /// <summary>Counts.</summary>
    /// <param name="pod">The pod to be placed.</param>
    /// <param name="constraints">What should hold.</param>
    /// <param name="requireAll">Whether nodes without all labels are left out; the default constraints leave out none.</param>
    /// <param name="candidates">The nodes that fit.</param>
    /// <param name="snapshot">All nodes.</param>
    /// <param name="context">The plugin's.</param>
    public static PreferredSpread Count(
        PodFacts pod, SpreadConstraint[] constraints, bool requireAll, ReadOnlySpan<NodeInfo> candidates, Snapshot snapshot, PluginContext context)
    {
        var spread = new PreferredSpread(constraints, requireAll);
        for (var i = 0; i < constraints.Length; i++)
        {
            var constraint = constraints[i];
            var counts = constraint.Selector is { } selector ? context.PodCounts.Count(snapshot, pod.Key.Namespace, selector) : [];
            if (constraint.IsHostname)
            {
                spread._perNode[i] = counts.Length == 0 ? new int[snapshot.Count] : counts;
                spread._weights[i] = WeightOf(spread.CountConsidered(candidates));
                continue;
            }
            var domains = spread.DomainsOf(candidates, constraint.TopologyKey);
            spread._domains[i] = domains;
            spread._weights[i] = WeightOf(domains.Count);
            if (counts.Length > 0 && domains.Count > 0)
            {
                spread.Sum(pod, constraint, domains, counts, snapshot, context.Compiler.Names);
            }
        }
        return spread;
    }

    public long Score(NodeInfo node)
    {
        if (_requireAll && !RequiredSpread.HasAllKeys(_constraints, node.Facts))
        {
            return Ignored;
        }
        var score = 0.0;
        for (var i = 0; i < _constraints.Length; i++)
        {
            var domain = node.Facts.LabelValue(_constraints[i].TopologyKey);
            if (domain >= 0)
            {
                var count = _perNode[i] is { } perNode ? perNode[node.Index] : _domains[i]!.GetValueOrDefault(domain);
                score += count * _weights[i] + (_constraints[i].MaxSkew - 1);
            }
        }
        return (long)Math.Round(score, MidpointRounding.AwayFromZero);
    }

    // A label with many values would weigh too little otherwise, as each domain has few pods.
    private static double WeightOf(int domains) => Math.Log(domains + 2);

    private int CountConsidered(ReadOnlySpan<NodeInfo> candidates)
    {
        if (!_requireAll)
        {
            return candidates.Length;
        }
        var count = 0;
        foreach (var node in candidates)
        {
            count += RequiredSpread.HasAllKeys(_constraints, node.Facts) ? 1 : 0;
        }
        return count;
    }

    private Dictionary<int, int> DomainsOf(ReadOnlySpan<NodeInfo> candidates, int key)
    {
        var domains = new Dictionary<int, int>();
        foreach (var node in candidates)
        {
            var domain = node.Facts.LabelValue(key);
            if (domain >= 0 && (!_requireAll || RequiredSpread.HasAllKeys(_constraints, node.Facts)))
            {
                domains[domain] = 0;
            }
        }
        return domains;
    }

    private void Sum(
        PodFacts pod, SpreadConstraint constraint, Dictionary<int, int> domains, ReadOnlySpan<int> counts, Snapshot snapshot, Interner names)
    {
        foreach (var node in snapshot.Nodes)
        {
            if (counts[node.Index] == 0
                || !RequiredSpread.IsCounted(pod, constraint, node.Facts, names)
                || (_requireAll && !RequiredSpread.HasAllKeys(_constraints, node.Facts)))
            {
                continue;
            }
            ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(domains, node.Facts.LabelValue(constraint.TopologyKey));
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref count))
            {
                count += counts[node.Index];
            }
        }
    }
}
