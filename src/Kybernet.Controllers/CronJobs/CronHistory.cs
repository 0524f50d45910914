using Kybernet.Api.Batch.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Controllers.Jobs;

namespace Kybernet.Controllers.CronJobs;

/// <summary>Keeps a CronJob's list of running Jobs true, and as many of those that ended as its limits say.</summary>
internal sealed class CronHistory(ApiClient client, IEventRecorder events)
{
    /// <summary>The status, with what has become of the Jobs since.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<CronJobStatus> FollowAsync(CronJob cron, IReadOnlyList<Job> jobs, CancellationToken cancellationToken)
    {
        var status = cron.Status;
        foreach (var job in jobs)
        {
            var end = JobPods.EndOf(job);
            if (IsActive(status, job) && end is not null)
            {
                status = Without(status, job.Metadata.Uid!);
                events.Record(cron, EventType.Normal, "SawCompletedJob", $"Saw completed job: {job.Metadata.Name}, condition: {end.Type}");
            }
            else if (!IsActive(status, job) && end is null)
            {
                events.Record(cron, EventType.Warning, "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Metadata.Name}");
            }
            if (end?.Type == JobNames.Complete && job.Status.CompletionTime is { } completed && !(status.LastSuccessfulTime >= completed))
            {
                status = status with { LastSuccessfulTime = completed };
            }
        }
        foreach (var reference in status.Active)
        {
            // The cache may not show yet what was made a moment ago.
            if (jobs.All(job => job.Metadata.Uid != reference.Uid)
                && (await client.FindAsync<Job>(reference.Namespace!, reference.Name!, cancellationToken))?.Metadata.Uid != reference.Uid)
            {
                events.Record(cron, EventType.Normal, "MissingJob", $"Active job went missing: {reference.Name}");
                status = Without(status, reference.Uid!);
            }
        }
        return status;
    }

    /// <summary>Deletes the Jobs that ended longest ago, beyond the limits.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task TrimAsync(CronJob cron, IReadOnlyList<Job> jobs, CancellationToken cancellationToken)
    {
        await TrimAsync(cron, jobs, JobNames.Complete, cron.Spec.SuccessfulJobsHistoryLimit, cancellationToken);
        await TrimAsync(cron, jobs, JobNames.Failed, cron.Spec.FailedJobsHistoryLimit, cancellationToken);
    }

    /// <exception cref="ApiException">The server refused.</exception>
    public async Task DeleteAsync(CronJob cron, string name, string uid, CancellationToken cancellationToken)
    {
        try
        {
            var options = new DeleteOptions { PropagationPolicy = "Background", Preconditions = new Preconditions { Uid = uid } };
            await client.DeleteAsync<Job>(cron.Metadata.Namespace!, name, options, cancellationToken);
            events.Record(cron, EventType.Normal, "SuccessfulDelete", $"Deleted job {name}");
        }
        catch (ApiException exception)
        {
            events.Record(cron, EventType.Warning, "FailedDelete", $"Deleted job: {exception.Message}");
            throw;
        }
    }

    public static CronJobStatus Without(CronJobStatus status, string uid) =>
        status with { Active = [.. status.Active.Where(reference => reference.Uid != uid)] };

    private static bool IsActive(CronJobStatus status, Job job) => status.Active.Any(reference => reference.Uid == job.Metadata.Uid);

    private async Task TrimAsync(CronJob cron, IReadOnlyList<Job> jobs, string end, int? limit, CancellationToken cancellationToken)
    {
        var ended = jobs.Where(job => JobPods.EndOf(job)?.Type == end && job.Metadata.DeletionTimestamp is null)
            .OrderBy(static job => job.Status.StartTime).ThenBy(static job => job.Metadata.Name, StringComparer.Ordinal).ToList();
        foreach (var job in ended.Take(ended.Count - (limit ?? int.MaxValue)))
        {
            await DeleteAsync(cron, job.Metadata.Name!, job.Metadata.Uid!, cancellationToken);
        }
    }
}
