using Kybernet.Api;
using Kybernet.Api.Batch.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.CronJobs;

/// <summary>Wakes the CronJob reconciler: for a CronJob that changed, and for that of a Job that changed.</summary>
internal static class CronJobController
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("cronjob-controller");
        var crons = context.Informers.Informer<CronJob>();
        var jobs = context.Informers.Informer<Job>();
        ControllerIndex.Add(jobs);
        var queue = context.Queue("cronjob");
        queue.WakeOn(crons);
        jobs.AddHandler(new InformerHandler<Job>(
            added => WakeOwner(added, queue), (_, current) => WakeOwner(current, queue), deleted => WakeOwner(deleted, queue)));
        var reconciler = new CronJobReconciler(client, crons, jobs, context.Events(client, "cronjob-controller"), context.Time);
        context.Run("cronjob", reconciler, queue, context.Options.Workers);
    }

    private static void WakeOwner(Job job, WorkQueue<NamespacedName> queue)
    {
        if (job.Metadata.Controller() is { Kind: "CronJob" } owner)
        {
            queue.Add(new NamespacedName(job.Metadata.Namespace!, owner.Name));
        }
    }
}
