using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>The pod's affinity to and anti-affinity from other pods, and theirs from it.</summary>
internal sealed class InterPodAffinity : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEventPlugin
{
    public const string PluginName = "InterPodAffinity";

    // What a running pod that requires to be near the new one counts for, though its own placement is settled.
    private const long WeightOfRequired = 1;

    private readonly PluginContext _context;
    private readonly StateKey<RequiredAffinity> _required;
    private readonly StateKey<Dictionary<(int Key, int Value), long>> _preferred;
    private readonly PluginStatus _affinity = PluginStatus.Unresolvable("node(s) didn't match pod affinity rules");
    private readonly PluginStatus _antiAffinity = PluginStatus.Unschedulable("node(s) didn't match pod anti-affinity rules");
    private readonly PluginStatus _existing = PluginStatus.Unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

    public InterPodAffinity(PluginContext context)
    {
        _context = context;
        _required = context.NewStateKey<RequiredAffinity>();
        _preferred = context.NewStateKey<Dictionary<(int Key, int Value), long>>();
    }

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = null;
        var asks = pod.Affinity is { } affinity && (affinity.Required.Length > 0 || affinity.RequiredAnti.Length > 0);
        if (!asks && snapshot.PodsWithRequiredAntiAffinity == 0)
        {
            return PluginStatus.Skip;
        }
        var required = RequiredAffinity.Count(pod, snapshot, _context.Cluster);
        if (!asks && !required.HasExisting && !_context.Nominations.Any)
        {
            return PluginStatus.Skip;
        }
        state.Set(_required, required);
        return PluginStatus.Success;
    }

    public void AddPod(CycleState state, PodFacts pod, PodFacts added, NodeInfo node) => state.Find(_required)?.Change(added, node.Facts, 1);

    public void RemovePod(CycleState state, PodFacts pod, PodFacts removed, NodeInfo node) => state.Find(_required)?.Change(removed, node.Facts, -1);

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node)
    {
        if (state.Find(_required) is not { } required)
        {
            return PluginStatus.Success;
        }
        if (!required.SatisfiesAffinity(node.Facts))
        {
            return _affinity;
        }
        if (!required.SatisfiesAntiAffinity(node.Facts))
        {
            return _antiAffinity;
        }
        return required.SatisfiesExisting(node.Facts) ? PluginStatus.Success : _existing;
    }

    public PluginStatus PreScore(CycleState state, PodFacts pod, ReadOnlySpan<NodeInfo> nodes, Snapshot snapshot)
    {
        var prefers = pod.Affinity is { } affinity && (affinity.Preferred.Length > 0 || affinity.PreferredAnti.Length > 0);
        if (!prefers && snapshot.PodsWithAffinity == 0)
        {
            return PluginStatus.Skip;
        }
        var sums = new Dictionary<(int, int), long>();
        foreach (var node in snapshot.Nodes)
        {
            if (!prefers && node.PodsWithAffinity == 0)
            {
                continue;
            }
            foreach (var existing in node.Pods)
            {
                Weigh(pod, existing, node.Facts, sums);
            }
        }
        if (sums.Count == 0)
        {
            return PluginStatus.Skip;
        }
        state.Set(_preferred, sums);
        return PluginStatus.Success;
    }

    public long Score(CycleState state, PodFacts pod, NodeInfo node)
    {
        var score = 0L;
        foreach (var ((key, value), weight) in state.Get(_preferred))
        {
            if (node.Facts.LabelValue(key) == value)
            {
                score += weight;
            }
        }
        return score;
    }

    public void Normalize(CycleState state, PodFacts pod, Span<long> scores)
    {
        var least = long.MaxValue;
        var most = long.MinValue;
        foreach (var score in scores)
        {
            least = Math.Min(least, score);
            most = Math.Max(most, score);
        }
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = most > least ? (long)(IScorePlugin.MaxScore * ((double)(scores[i] - least) / (most - least))) : 0;
        }
    }

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(ClusterResource.AssignedPod, ClusterActions.Add | ClusterActions.Delete | ClusterActions.UpdatePodLabel, Concerns),
        new(ClusterResource.TargetPod, ClusterActions.UpdatePodLabel),
        new(ClusterResource.Node, ClusterActions.Add | ClusterActions.UpdateNodeLabel),
    ];

    // A pod that comes can only satisfy affinity; one that goes can only lift anti-affinity; one with other labels may do either.
    private bool Concerns(PodFacts pod, ClusterEvent happened)
    {
        var gone = (happened.Actions & ClusterActions.Add) == 0 ? happened.OldPod : null;
        if (happened.Pod is { } there && MatchesAny(pod.Affinity?.Required, there))
        {
            return true;
        }
        return gone is not null && (MatchesAny(pod.Affinity?.RequiredAnti, gone) || MatchesAny(gone.Affinity?.RequiredAnti, pod));
    }

    private bool MatchesAny(AffinityTerm[]? terms, PodFacts pod)
    {
        foreach (var term in terms ?? [])
        {
            if (term.Matches(pod, _context.Cluster.NamespaceLabels))
            {
                return true;
            }
        }
        return false;
    }

    private void Weigh(PodFacts pod, PodFacts existing, NodeFacts node, Dictionary<(int, int), long> sums)
    {
        if (pod.Affinity is { } own)
        {
            Weigh(own.Preferred, existing, node, 1, sums);
            Weigh(own.PreferredAnti, existing, node, -1, sums);
        }
        if (existing.Affinity is { } theirs)
        {
            Weigh(theirs.Required, pod, node, WeightOfRequired, sums, isWeight: true);
            Weigh(theirs.Preferred, pod, node, 1, sums);
            Weigh(theirs.PreferredAnti, pod, node, -1, sums);
        }
    }

    private void Weigh(AffinityTerm[] terms, PodFacts other, NodeFacts node, long factor, Dictionary<(int, int), long> sums, bool isWeight = false)
    {
        foreach (var term in terms)
        {
            var value = node.LabelValue(term.TopologyKey);
            if (value >= 0 && term.Matches(other, _context.Cluster.NamespaceLabels))
            {
                var place = (term.TopologyKey, value);
                sums[place] = sums.GetValueOrDefault(place) + (isWeight ? factor : factor * term.Weight);
            }
        }
    }
}
