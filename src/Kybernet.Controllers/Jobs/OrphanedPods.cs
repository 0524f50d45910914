using Kybernet.Api;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Jobs;

/// <summary>Lets go of pods whose Job is gone or has ended: nobody will count them, and their finalizer would keep them for ever.</summary>
internal sealed class OrphanedPods(ApiClient client, ILister<Job> jobs, ILister<Pod> pods) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Get(key) is { } pod && IsOrphan(pod, jobs))
        {
            await TrackedPods.ReleaseAsync(client, pod, cancellationToken);
        }
        return Requeue.OnChange;
    }

    public static bool IsOrphan(Pod pod, ILister<Job> jobs)
    {
        if (!pod.Metadata.Finalizers.Contains(JobNames.TrackingFinalizer))
        {
            return false;
        }
        var job = pod.Metadata.Controller() is { Kind: "Job" } owner && jobs.Get(new NamespacedName(pod.Metadata.Namespace!, owner.Name)) is { } found
            && found.Metadata.Uid == owner.Uid ? found : null;
        return job is null ? !MayBeAdopted(pod) : JobPods.EndOf(job) is not null && !job.IsForeign();
    }

    /// <summary>A pod that nobody manages and nobody deletes is left alone: its job may take it back.</summary>
    private static bool MayBeAdopted(Pod pod) => pod.Metadata.Controller() is null && pod.Metadata.DeletionTimestamp is null;
}
