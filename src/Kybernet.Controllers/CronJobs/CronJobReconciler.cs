using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Times;
using Kybernet.Client;

namespace Kybernet.Controllers.CronJobs;

/// <summary>Makes a Job when its time has come. Its name is made of that time, so that nobody can make it twice.</summary>
internal sealed class CronJobReconciler(ApiClient client, ILister<CronJob> crons, ILister<Job> jobs, IEventRecorder events, TimeProvider time) : IReconciler
{
    private const string ScheduledTimestamp = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    // Clocks of machines differ a little: a moment later the time has come for everybody.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (crons.Get(key) is not { } cron)
        {
            return Requeue.OnChange; // the garbage collector takes its jobs
        }
        var history = new CronHistory(client, events);
        var owned = jobs.ManagedBy(cron.Metadata.Uid!);
        var now = time.GetUtcNow();
        var status = await history.FollowAsync(cron, owned, cancellationToken);
        var next = Requeue.OnChange;
        if (cron.Metadata.DeletionTimestamp is null && cron.Spec.Suspend != true && ScheduleOf(cron) is { } schedule)
        {
            status = await RunDueAsync(cron, schedule, history, status, now, cancellationToken);
            next = schedule.Next(now) is { } time ? Requeue.In(time - now + Grace) : next;
        }
        if (!ModelJson.Same(status, cron.Status))
        {
            await client.UpdateStatusAsync(cron with { Status = status }, cancellationToken);
        }
        await history.TrimAsync(cron, owned, cancellationToken);
        return next;
    }

    /// <summary>The schedule; null where it cannot be read, which is told and not tried again until it is changed.</summary>
    private CronSchedule? ScheduleOf(CronJob cron)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(cron.Spec.TimeZone ?? "UTC", out var zone))
        {
            events.Record(cron, EventType.Warning, "UnknownTimeZone", $"invalid timeZone: \"{cron.Spec.TimeZone}\": unknown time zone {cron.Spec.TimeZone}");
            return null;
        }
        try
        {
            return CronSchedule.Parse(cron.Spec.Schedule, zone);
        }
        catch (FormatException exception)
        {
            events.Record(cron, EventType.Warning, "UnparseableSchedule", $"unparseable schedule: \"{cron.Spec.Schedule}\" : {exception.Message}");
            return null;
        }
    }

    private async Task<CronJobStatus> RunDueAsync(
        CronJob cron, CronSchedule schedule, CronHistory history, CronJobStatus status, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var due = CronTimes.Find(cron, schedule, now);
        if (due.TooManyMissed)
        {
            events.Record(
                cron, EventType.Warning, "TooManyMissedTimes",
                "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }
        if (due.Latest is not { } scheduled || scheduled == cron.Status.LastScheduleTime)
        {
            return status;
        }
        if (cron.Spec.StartingDeadlineSeconds is { } seconds && scheduled + TimeSpan.FromSeconds(seconds) < now)
        {
            events.Record(cron, EventType.Warning, "MissSchedule", $"Missed scheduled time to start a job: {scheduled.ToString("R", CultureInfo.InvariantCulture)}");
            return status;
        }
        if (status.Active.Any(reference => reference.Name == NameOf(cron, scheduled)))
        {
            return status;
        }
        if (cron.Spec.ConcurrencyPolicy == "Forbid" && status.Active.Count > 0)
        {
            events.Record(
                cron, EventType.Normal, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return status;
        }
        if (cron.Spec.ConcurrencyPolicy == "Replace")
        {
            foreach (var reference in status.Active)
            {
                await history.DeleteAsync(cron, reference.Name!, reference.Uid!, cancellationToken);
                status = CronHistory.Without(status, reference.Uid!);
            }
        }
        return await CreateAsync(cron, status, scheduled, cancellationToken);
    }

    private static string NameOf(CronJob cron, DateTimeOffset scheduled) =>
        string.Create(CultureInfo.InvariantCulture, $"{cron.Metadata.Name}-{scheduled.ToUnixTimeSeconds() / 60}");

    private static Job Describe(CronJob cron, DateTimeOffset scheduled)
    {
        var template = cron.Spec.JobTemplate;
        var local = TimeZoneInfo.ConvertTime(scheduled, TimeZoneInfo.FindSystemTimeZoneById(cron.Spec.TimeZone ?? "UTC"));
        var format = local.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz";
        return new Job
        {
            Metadata = new ObjectMeta
            {
                Name = NameOf(cron, scheduled),
                Namespace = cron.Metadata.Namespace,
                Labels = template.Metadata.Labels,
                Annotations = new Dictionary<string, string>(template.Metadata.Annotations, StringComparer.Ordinal)
                {
                    [ScheduledTimestamp] = local.ToString(format, CultureInfo.InvariantCulture),
                },
                OwnerReferences = [OwnerReferences.ControllerOf(cron)],
            },
            Spec = template.Spec,
        };
    }

    private async Task<CronJobStatus> CreateAsync(CronJob cron, CronJobStatus status, DateTimeOffset scheduled, CancellationToken cancellationToken)
    {
        try
        {
            var job = await client.CreateAsync(Describe(cron, scheduled), cancellationToken);
            events.Record(cron, EventType.Normal, "SuccessfulCreate", $"Created job {job.Metadata.Name}");
            return status with { Active = [.. status.Active, ReferenceTo(job)], LastScheduleTime = scheduled };
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            // Made already: by a controller that ended before it could note it, or by somebody else under the same name.
            var job = await client.GetAsync<Job>(cron.Metadata.Namespace!, NameOf(cron, scheduled), cancellationToken);
            return job.Metadata.IsControlledBy(cron) ? status with { LastScheduleTime = scheduled } : status;
        }
        catch (ApiException exception) when (!PodControl.IsNamespaceTerminating(exception))
        {
            events.Record(cron, EventType.Warning, "FailedCreate", $"Error creating job: {exception.Message}");
            throw;
        }
    }

    private static ObjectReference ReferenceTo(Job job) => new()
    {
        Kind = "Job",
        ApiVersion = "batch/v1",
        Namespace = job.Metadata.Namespace,
        Name = job.Metadata.Name,
        Uid = job.Metadata.Uid,
        ResourceVersion = job.Metadata.ResourceVersion,
    };
}
