using Kybernet.Api;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.Jobs;

/// <summary>Wakes the Job reconciler: for a Job that changed, and for that of a pod that changed; and sees to pods that have lost their Job.</summary>
internal static class JobController
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("job-controller");
        var jobs = context.Informers.Informer<Job>();
        var pods = context.Informers.Informer<Pod>();
        ControllerIndex.Add(pods);
        var queue = context.Queue("job");
        var orphans = context.Queue("job-orphan");
        var events = context.Events(client, "job-controller");
        var tools = new JobTools(
            client, new PodControl(client, events), new Expectations(context.Time), new ReleasedPods(),
            new JobBackoff(context.Options.JobPodFailureBackoff), events, context.Time);
        queue.WakeOn(jobs);
        jobs.AddHandler(new InformerHandler<Job>(
            onUpdated: (_, current) =>
            {
                if (JobPods.EndOf(current) is not null)
                {
                    WakePods(current, pods, orphans);
                }
            },
            onDeleted: deleted => WakePods(deleted, pods, orphans)));
        pods.AddHandler(new InformerHandler<Pod>(
            pod => Look(pod, jobs, tools.Released, orphans),
            (_, pod) => Look(pod, jobs, tools.Released, orphans),
            pod => Forget(pod, tools.Released)));
        pods.AddHandler(new OwnedHandler<Job, Pod>(jobs, static job => Selector.From(job.Spec.Selector), queue, tools.Expectations));
        context.Run("job", new JobReconciler(tools, jobs, pods), queue, context.Options.Workers);
        context.Run("job-orphan", new OrphanedPods(client, jobs, pods), orphans, 1);
    }

    private static void WakePods(Job job, ILister<Pod> pods, WorkQueue<NamespacedName> orphans)
    {
        foreach (var pod in pods.ManagedBy(job.Metadata.Uid!))
        {
            if (pod.Metadata.Finalizers.Contains(JobNames.TrackingFinalizer))
            {
                orphans.Add(pod.Metadata.Key());
            }
        }
    }

    private static void Look(Pod pod, ILister<Job> jobs, ReleasedPods released, WorkQueue<NamespacedName> orphans)
    {
        if (!pod.Metadata.Finalizers.Contains(JobNames.TrackingFinalizer))
        {
            Forget(pod, released);
        }
        else if (OrphanedPods.IsOrphan(pod, jobs))
        {
            orphans.Add(pod.Metadata.Key());
        }
    }

    private static void Forget(Pod pod, ReleasedPods released)
    {
        if (pod.Metadata.Controller() is { Kind: "Job" } owner)
        {
            released.Remove(new NamespacedName(pod.Metadata.Namespace!, owner.Name), pod.Metadata.Uid!);
        }
    }
}
