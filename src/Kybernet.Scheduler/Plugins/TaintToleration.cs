using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>Leaves out nodes whose taints the pod does not tolerate, and prefers those with fewer that would rather not have it.</summary>
internal sealed class TaintToleration(PluginContext context) : IFilterPlugin, IPreScorePlugin, IScorePlugin, IEventPlugin
{
    public const string PluginName = "TaintToleration";

    private readonly PluginStatus _untolerated = PluginStatus.Unresolvable("node(s) had untolerated taint(s)");
    private readonly Interner _names = context.Compiler.Names;

    public string Name => PluginName;

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node) =>
        node.Facts.Taints.Length == 0 || pod.ToleratesNode(node.Facts, _names) ? PluginStatus.Success : _untolerated;

    /// <summary>Where no node has such a taint all score alike, and need not be asked.</summary>
    public PluginStatus PreScore(CycleState state, PodFacts pod, ReadOnlySpan<NodeInfo> nodes, Snapshot snapshot)
    {
        foreach (var node in nodes)
        {
            if (node.Facts.HasPreferences)
            {
                return PluginStatus.Success;
            }
        }
        return PluginStatus.Skip;
    }

    public long Score(CycleState state, PodFacts pod, NodeInfo node)
    {
        var untolerated = 0L;
        foreach (var taint in node.Facts.Taints)
        {
            if (taint.Effect == TaintEffect.PreferNoSchedule && !pod.Tolerates(taint, _names))
            {
                untolerated++;
            }
        }
        return untolerated;
    }

    public void Normalize(CycleState state, PodFacts pod, Span<long> scores) => Normalization.ToHighest(scores, reverse: true);

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(
            ClusterResource.Node,
            ClusterActions.Add | ClusterActions.UpdateNodeTaint,
            (pod, happened) => happened.Node is { } node
                && pod.ToleratesNode(node, _names)
                && (happened.OldNode is not { } old || !pod.ToleratesNode(old, _names))),
        new(ClusterResource.TargetPod, ClusterActions.UpdatePodToleration),
    ];
}
