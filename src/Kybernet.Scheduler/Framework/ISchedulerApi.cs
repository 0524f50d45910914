using Kybernet.Api.Core.V1;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Framework;

/// <summary>What the scheduler writes to the cluster. Requests may be under way for several pods at once.</summary>
internal interface ISchedulerApi
{
    /// <summary>Binds a pod to a node.</summary>
    Task BindAsync(PodFacts pod, string node, CancellationToken cancellationToken);

    /// <summary>Sets a condition of a pod, and its nominated node where that is not null. Does nothing where the pod is gone.</summary>
    Task PatchStatusAsync(Pod pod, PodCondition condition, string? nominatedNode, CancellationToken cancellationToken);

    /// <summary>Deletes a pod to make room for another.</summary>
    Task DeleteAsync(PodFacts pod, CancellationToken cancellationToken);

    /// <summary>Replaces a claim, if it is still as it was seen.</summary>
    Task UpdateAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken);

    /// <summary>Replaces a volume, if it is still as it was seen.</summary>
    Task UpdateAsync(PersistentVolume volume, CancellationToken cancellationToken);

    /// <summary>Reports what happened to a pod.</summary>
    void Report(PodFacts pod, PodFacts? related, string type, string reason, string action, string note);
}
