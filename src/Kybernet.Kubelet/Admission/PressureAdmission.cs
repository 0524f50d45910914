using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;
using Kybernet.Kubelet.Eviction;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Admission;

/// <summary>Keeps pods away from a node that is short of something and would have to evict them again.</summary>
internal static class PressureAdmission
{
    private static readonly Taint MemoryTaint = new() { Key = "node.kubernetes.io/memory-pressure", Effect = "NoSchedule" };

    /// <summary>Why a pod is turned away; null where it is let in.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="conditions">The Node's conditions that are true.</param>
    public static StartProblem? FindProblem(Pod pod, IReadOnlyList<string> conditions)
    {
        if (conditions.Count == 0 || PodConsumption.IsCriticalPod(pod))
        {
            return null;
        }
        // Of memory, those that asked for some have it.
        if (conditions is [EvictionSignal.MemoryPressure] && (QosClass.Of(pod) != QosClass.BestEffort || pod.Spec.Tolerations.Tolerate(MemoryTaint)))
        {
            return null;
        }
        return new StartProblem(EvictionMessages.Reason, $"The node had condition: [{string.Join(' ', conditions)}]. ");
    }
}
