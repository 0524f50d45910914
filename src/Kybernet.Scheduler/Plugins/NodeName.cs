using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>A pod that names its node runs there or nowhere.</summary>
internal sealed class NodeName : IFilterPlugin, IEventPlugin
{
    public const string PluginName = "NodeName";

    private readonly PluginStatus _otherNode = PluginStatus.Unresolvable("node(s) didn't match the requested node name");

    public string Name => PluginName;

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node) =>
        pod.NodeName.Length == 0 || pod.NodeName == node.Name ? PluginStatus.Success : _otherNode;

    public IReadOnlyList<EventRegistration> EventsToRegister() => [new(ClusterResource.Node, ClusterActions.Add)];
}
