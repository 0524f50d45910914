using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>The pod's node selector and node affinity.</summary>
internal sealed class NodeAffinity : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEventPlugin
{
    public const string PluginName = "NodeAffinity";

    private readonly PluginStatus _noMatch = PluginStatus.Unresolvable("node(s) didn't match Pod's node affinity/selector");
    private readonly PluginStatus _conflict = PluginStatus.Unresolvable("pod affinity terms conflict");

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = pod.Nodes?.PinnedNodes;
        if (onlyNodes is { Count: 0 })
        {
            return _conflict;
        }
        return pod.Nodes is { IsRequiring: true } ? PluginStatus.Success : PluginStatus.Skip;
    }

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node) =>
        pod.Nodes is null || pod.Nodes.Allows(node.Facts) ? PluginStatus.Success : _noMatch;

    public PluginStatus PreScore(CycleState state, PodFacts pod, ReadOnlySpan<NodeInfo> nodes, Snapshot snapshot) =>
        pod.Nodes is { IsPreferring: true } ? PluginStatus.Success : PluginStatus.Skip;

    public long Score(CycleState state, PodFacts pod, NodeInfo node) => pod.Nodes?.Preference(node.Facts) ?? 0;

    public void Normalize(CycleState state, PodFacts pod, Span<long> scores) => Normalization.ToHighest(scores, reverse: false);

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(
            ClusterResource.Node,
            ClusterActions.Add | ClusterActions.UpdateNodeLabel,
            (pod, happened) => happened.Node is { } node
                && pod.Nodes?.Allows(node) != false
                && (happened.OldNode is not { } old || pod.Nodes?.Allows(old) == false)),
    ];
}
