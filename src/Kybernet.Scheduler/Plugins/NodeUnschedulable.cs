using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>Leaves out nodes that are cordoned off, unless the pod tolerates that.</summary>
internal sealed class NodeUnschedulable(PluginContext context) : IFilterPlugin, IEventPlugin
{
    public const string PluginName = "NodeUnschedulable";

    private readonly PluginStatus _unschedulable = PluginStatus.Unresolvable("node(s) were unschedulable");
    private readonly Interner _names = context.Compiler.Names;
    private readonly TaintFacts _taint = new(context.Compiler.Names.Intern("node.kubernetes.io/unschedulable"), Interner.Empty, TaintEffect.NoSchedule);

    public string Name => PluginName;

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node) =>
        !node.Facts.Unschedulable || pod.Tolerates(_taint, _names) ? PluginStatus.Success : _unschedulable;

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(
            ClusterResource.Node,
            ClusterActions.Add | ClusterActions.UpdateNodeTaint,
            (pod, happened) => happened.Node is { } node && (!node.Unschedulable || pod.Tolerates(_taint, _names))),
        new(ClusterResource.TargetPod, ClusterActions.UpdatePodToleration, (_, happened) => happened.Pod?.Tolerates(_taint, _names) == true),
    ];
}
