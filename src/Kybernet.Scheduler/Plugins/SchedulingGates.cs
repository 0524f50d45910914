using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins;

/// <summary>Keeps a pod out of the queue while it has scheduling gates.</summary>
internal sealed class SchedulingGates : IPreEnqueuePlugin, IEventPlugin
{
    public const string PluginName = "SchedulingGates";

    public string Name => PluginName;

    public PluginStatus PreEnqueue(PodFacts pod)
    {
        var gates = pod.Pod.Spec.SchedulingGates;
        if (gates.Count == 0)
        {
            return PluginStatus.Success;
        }
        return PluginStatus.Unresolvable($"waiting for scheduling gates: [{string.Join(' ', gates.Select(gate => gate.Name))}]");
    }

    public IReadOnlyList<EventRegistration> EventsToRegister() =>
        [new(ClusterResource.TargetPod, ClusterActions.UpdatePodSchedulingGatesEliminated)];
}
