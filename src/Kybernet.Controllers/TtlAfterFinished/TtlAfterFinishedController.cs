using Kybernet.Api;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Controllers.Jobs;

namespace Kybernet.Controllers.TtlAfterFinished;

/// <summary>Deletes Jobs some time after they have ended, with their pods.</summary>
internal sealed class TtlAfterFinishedController(ApiClient client, ILister<Job> jobs, TimeProvider time) : IReconciler
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("ttl-after-finished-controller");
        var jobs = context.Informers.Informer<Job>();
        var queue = context.Queue("ttl-after-finished");
        queue.WakeOn(jobs);
        context.Run("ttl-after-finished", new TtlAfterFinishedController(client, jobs, context.Time), queue, context.Options.Workers);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (jobs.Get(key) is not { } job || Left(job) is not { } left)
        {
            return Requeue.OnChange;
        }
        if (left > TimeSpan.Zero)
        {
            return Requeue.In(left);
        }
        // The server itself is asked: its time to live may have been prolonged a moment ago.
        if (await client.FindAsync<Job>(key.Namespace, key.Name, cancellationToken) is { } fresh && Left(fresh) is { } freshLeft && fresh.Metadata.Uid == job.Metadata.Uid)
        {
            if (freshLeft > TimeSpan.Zero)
            {
                return Requeue.In(freshLeft);
            }
            var options = new DeleteOptions { PropagationPolicy = "Foreground", Preconditions = new Preconditions { Uid = fresh.Metadata.Uid } };
            await client.DeleteAsync<Job>(key.Namespace, key.Name, options, cancellationToken);
        }
        return Requeue.OnChange;
    }

    /// <summary>How long it has to live; null for ever.</summary>
    private TimeSpan? Left(Job job) =>
        job.Metadata.DeletionTimestamp is null && job.Spec.TtlSecondsAfterFinished is { } seconds && JobPods.EndOf(job)?.LastTransitionTime is { } ended
            ? ended + TimeSpan.FromSeconds(seconds) - time.GetUtcNow() : null;
}
