using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>Whether a pod can be scheduled with a claim at all.</summary>
internal static class ClaimCheck
{
    /// <summary>Why it cannot; null where it can.</summary>
    public static string? Problem(PodFacts pod, ClaimUse use, PersistentVolumeClaim? claim)
    {
        if (claim is null)
        {
            return use.IsEphemeral
                ? $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{use.Name}\""
                : $"persistentvolumeclaim \"{use.Name}\" not found";
        }
        if (claim.Status.Phase == ClaimPhase.Lost)
        {
            return $"persistentvolumeclaim \"{use.Name}\" bound to non-existent persistentvolume \"{claim.Spec.VolumeName}\"";
        }
        if (claim.Metadata.DeletionTimestamp is not null)
        {
            return $"persistentvolumeclaim \"{use.Name}\" is being deleted";
        }
        return use.IsEphemeral && !claim.Metadata.IsControlledBy(pod.Pod)
            ? $"PVC {pod.Key.Namespace}/{use.Name} was not created for pod {pod.Key.Namespace}/{pod.Key.Name} (pod is not owner)"
            : null;
    }

    /// <summary>Whether an event is about a claim of the pod's.</summary>
    public static bool Concerns(PodFacts pod, ClusterEvent happened) =>
        happened.Object.Namespace == pod.Key.Namespace && Array.Exists(pod.Claims, use => use.Name == happened.Object.Name);
}
