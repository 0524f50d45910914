using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>
/// Spreads pods over the values of a node label: what must hold filters, what should hold scores. A pod that says nothing is spread, if it belongs to a
/// service or a set, over nodes and zones.
/// </summary>
internal sealed class PodTopologySpread : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEventPlugin
{
    public const string PluginName = "PodTopologySpread";

    private const int DefaultHostnameSkew = 3;
    private const int DefaultZoneSkew = 5;

    private readonly PluginContext _context;
    private readonly StateKey<RequiredSpread> _required;
    private readonly StateKey<PreferredSpread> _preferred;
    private readonly PluginStatus _uneven = PluginStatus.Unschedulable("node(s) didn't match pod topology spread constraints");
    private readonly PluginStatus _missingLabel =
        PluginStatus.Unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");

    private readonly int _hostnameKey;
    private readonly int _zoneKey;

    public PodTopologySpread(PluginContext context)
    {
        _context = context;
        _required = context.NewStateKey<RequiredSpread>();
        _preferred = context.NewStateKey<PreferredSpread>();
        _hostnameKey = context.Compiler.Names.Intern(SpreadConstraint.Hostname);
        _zoneKey = context.Compiler.Names.Intern(SpreadConstraint.Zone);
    }

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = null;
        var constraints = Array.FindAll(pod.Constraints, constraint => constraint.IsRequired);
        if (constraints.Length == 0)
        {
            return PluginStatus.Skip;
        }
        state.Set(_required, RequiredSpread.Count(pod, constraints, snapshot, _context));
        return PluginStatus.Success;
    }

    public void AddPod(CycleState state, PodFacts pod, PodFacts added, NodeInfo node) =>
        state.Find(_required)?.Change(pod, added, node, 1, _context.Compiler.Names);

    public void RemovePod(CycleState state, PodFacts pod, PodFacts removed, NodeInfo node) =>
        state.Find(_required)?.Change(pod, removed, node, -1, _context.Compiler.Names);

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node)
    {
        if (state.Find(_required) is not { } spread)
        {
            return PluginStatus.Success;
        }
        return spread.Check(node) switch
        {
            RequiredSpread.Verdict.Fits => PluginStatus.Success,
            RequiredSpread.Verdict.MissingLabel => _missingLabel,
            _ => _uneven,
        };
    }

    public PluginStatus PreScore(CycleState state, PodFacts pod, ReadOnlySpan<NodeInfo> nodes, Snapshot snapshot)
    {
        var isDefault = pod.Constraints.Length == 0;
        var constraints = isDefault ? DefaultConstraints(pod) : Array.FindAll(pod.Constraints, constraint => !constraint.IsRequired);
        if (constraints.Length == 0)
        {
            return PluginStatus.Skip;
        }
        state.Set(_preferred, PreferredSpread.Count(pod, constraints, requireAll: !isDefault, nodes, snapshot, _context));
        return PluginStatus.Success;
    }

    public long Score(CycleState state, PodFacts pod, NodeInfo node) => state.Get(_preferred).Score(node);

    public void Normalize(CycleState state, PodFacts pod, Span<long> scores)
    {
        var least = long.MaxValue;
        var most = 0L;
        foreach (var score in scores)
        {
            if (score != PreferredSpread.Ignored)
            {
                least = Math.Min(least, score);
                most = Math.Max(most, score);
            }
        }
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = scores[i] == PreferredSpread.Ignored ? 0
                : most == 0 ? IScorePlugin.MaxScore
                : IScorePlugin.MaxScore * (most + least - scores[i]) / most;
        }
    }

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(
            ClusterResource.AssignedPod,
            ClusterActions.Add | ClusterActions.Delete | ClusterActions.UpdatePodLabel,
            (pod, happened) => IsCounted(pod, happened.Pod) || IsCounted(pod, happened.OldPod)),
        new(ClusterResource.TargetPod, ClusterActions.UpdatePodLabel),
        new(
            ClusterResource.Node,
            ClusterActions.Add | ClusterActions.Delete | ClusterActions.UpdateNodeLabel | ClusterActions.UpdateNodeTaint,
            (pod, happened) => HasKeys(pod, happened.Node) || HasKeys(pod, happened.OldNode)),
    ];

    private static bool IsCounted(PodFacts pod, PodFacts? other)
    {
        if (other is null || other.Key.Namespace != pod.Key.Namespace)
        {
            return false;
        }
        foreach (var constraint in pod.Constraints)
        {
            if (constraint.Selector?.Matches(other.Labels) == true)
            {
                return true;
            }
        }
        return false;
    }

    private static bool HasKeys(PodFacts pod, NodeFacts? node)
    {
        if (node is null)
        {
            return false;
        }
        foreach (var constraint in pod.Constraints)
        {
            if (constraint.IsRequired && node.LabelValue(constraint.TopologyKey) < 0)
            {
                return false;
            }
        }
        return true;
    }

    private SpreadConstraint[] DefaultConstraints(PodFacts pod)
    {
        if (_context.Cluster.PeersOf(pod) is not { } peers)
        {
            return [];
        }
        return
        [
            new SpreadConstraint(_hostnameKey, true, DefaultHostnameSkew, 1, false, peers, true, false),
            new SpreadConstraint(_zoneKey, false, DefaultZoneSkew, 1, false, peers, true, false),
        ];
    }
}
