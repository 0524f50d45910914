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
    private readonly StateKey<PreferredAffinity> _preferred;
    private readonly PluginStatus _affinity = PluginStatus.Unresolvable("node(s) didn't match pod affinity rules");
    private readonly PluginStatus _antiAffinity = PluginStatus.Unschedulable("node(s) didn't match pod anti-affinity rules");
    private readonly PluginStatus _existing = PluginStatus.Unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

    public InterPodAffinity(PluginContext context)
    {
        _context = context;
        _required = context.NewStateKey<RequiredAffinity>();
        _preferred = context.NewStateKey<PreferredAffinity>();
    }

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = null;
        var asks = pod.Affinity is { } affinity && (affinity.Required.Length > 0 || affinity.RequiredAnti.Length > 0);
        if (!asks && snapshot.Affinity.Entries.Count == 0 && !_context.Nominations.Any)
        {
            return PluginStatus.Skip;
        }
        var required = RequiredAffinity.Count(pod, snapshot, _context);
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
        if (!prefers && snapshot.Affinity.Entries.Count == 0)
        {
            return PluginStatus.Skip;
        }
        var sums = new Dictionary<(int, int), long>();
        WeighExisting(pod, snapshot, sums);
        if (prefers)
        {
            foreach (var node in snapshot.Nodes)
            {
                foreach (var existing in node.Pods)
                {
                    Weigh(pod.Affinity!.Preferred, existing, node.Facts, 1, sums);
                    Weigh(pod.Affinity.PreferredAnti, existing, node.Facts, -1, sums);
                }
            }
        }
        if (sums.Count == 0)
        {
            return PluginStatus.Skip;
        }
        state.Set(_preferred, new PreferredAffinity(sums));
        return PluginStatus.Success;
    }

    public long Score(CycleState state, PodFacts pod, NodeInfo node) => state.Get(_preferred).Score(node.Facts);

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

    // What the running pods say of the new one.
    private void WeighExisting(PodFacts pod, Snapshot snapshot, Dictionary<(int, int), long> sums)
    {
        foreach (var entry in snapshot.Affinity.Entries)
        {
            var weight = entry.Kind switch
            {
                AffinityKind.Required => WeightOfRequired,
                AffinityKind.Preferred => entry.Term.Weight,
                AffinityKind.PreferredAnti => -entry.Term.Weight,
                _ => 0,
            };
            if (weight == 0 || !entry.Term.Matches(pod, _context.Cluster.NamespaceLabels))
            {
                continue;
            }
            foreach (var (node, count) in entry.Nodes)
            {
                Add(sums, entry.Term.TopologyKey, node.Facts, weight * count);
            }
        }
    }

    private void Weigh(AffinityTerm[] terms, PodFacts other, NodeFacts node, long sign, Dictionary<(int, int), long> sums)
    {
        foreach (var term in terms)
        {
            if (term.Matches(other, _context.Cluster.NamespaceLabels))
            {
                Add(sums, term.TopologyKey, node, sign * term.Weight);
            }
        }
    }

    private static void Add(Dictionary<(int, int), long> sums, int key, NodeFacts node, long weight)
    {
        var value = node.LabelValue(key);
        if (value >= 0)
        {
            sums[(key, value)] = sums.GetValueOrDefault((key, value)) + weight;
        }
    }
}
