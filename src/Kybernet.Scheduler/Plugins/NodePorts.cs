using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>A port of a node is taken once for each protocol and address; all addresses clash with each.</summary>
internal sealed class NodePorts : IPreFilterPlugin, IFilterPlugin, IEventPlugin
{
    public const string PluginName = "NodePorts";

    private readonly PluginStatus _taken = PluginStatus.Unschedulable("node(s) didn't have free ports for the requested pod ports");

    public string Name => PluginName;

    public PluginStatus PreFilter(CycleState state, PodFacts pod, Snapshot snapshot, out IReadOnlyList<string>? onlyNodes)
    {
        onlyNodes = null;
        return pod.HostPorts.Length == 0 ? PluginStatus.Skip : PluginStatus.Success;
    }

    public PluginStatus Filter(CycleState state, PodFacts pod, NodeInfo node) => node.HasPortConflict(pod.HostPorts) ? _taken : PluginStatus.Success;

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
    [
        new(ClusterResource.AssignedPod, ClusterActions.Delete, FreesPort),
        new(ClusterResource.Node, ClusterActions.Add),
    ];

    private static bool FreesPort(PodFacts pod, ClusterEvent happened)
    {
        foreach (var freed in happened.OldPod?.HostPorts ?? [])
        {
            foreach (var wanted in pod.HostPorts)
            {
                if (wanted.ConflictsWith(freed))
                {
                    return true;
                }
            }
        }
        return false;
    }
}
