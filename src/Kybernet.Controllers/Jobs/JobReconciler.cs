using System.Runtime.ExceptionServices;
using Kybernet.Api;
using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.Jobs;

/// <summary>Runs a Job's pods until enough have succeeded or too many have failed.</summary>
internal sealed class JobReconciler(JobTools tools, ILister<Job> jobs, ILister<Pod> pods) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (jobs.Get(key) is not { } job || JobPods.EndOf(job) is not null || job.IsForeign())
        {
            tools.Expectations.Forget(key);
            tools.Released.Forget(key);
            tools.Backoff.Forget(key);
            return Requeue.OnChange;
        }
        // Asked before the pods are read: what is seen between the two would otherwise count as known and be missing all the same.
        var isCacheCurrent = tools.Expectations.Satisfied(key);
        var released = tools.Released.Of(key);
        var candidates = pods.ManagedBy(job.Metadata.Uid!).Concat(pods.Unmanaged(key.Namespace));
        var claims = new Claims<Job, Pod>(tools.Client, job, Selector.From(job.Spec.Selector).Matches, JobNames.TrackingFinalizer);
        var claimed = await claims.ClaimAsync(candidates, cancellationToken);

        var now = tools.Time.GetUtcNow();
        var status = job.Status;
        if (status.StartTime is null && !job.IsSuspended())
        {
            status = status with { StartTime = now };
        }
        var look = new JobLook(job with { Status = status }, claimed, released, now);
        var decided = JobOutcome.Decide(look);
        ExceptionDispatchInfo? failure = null;
        if (decided is not null)
        {
            failure = await new JobScaling(tools, look).EndAllAsync(cancellationToken);
            // While pods may be left that nobody knows of or that could not be ended, it is not over.
            decided = failure is null && isCacheCurrent ? decided : null;
        }
        else
        {
            if (isCacheCurrent && job.Metadata.DeletionTimestamp is null)
            {
                failure = await new JobScaling(tools, look).ScaleAsync(cancellationToken);
                status = TellSuspended(job, status, now);
            }
            decided = JobOutcome.Completion(look);
        }
        status = status with { Active = look.Active == 0 ? null : look.Active, Ready = look.Ready, Terminating = look.Terminating };
        if (await new JobTracking(tools, look, decided).RunAsync(status, cancellationToken))
        {
            TellEnded(look, decided!);
        }
        failure?.Throw();
        return look.Wait is { } delay ? Requeue.In(delay) : Requeue.OnChange;
    }

    /// <summary>A job that is resumed starts its clock anew, so that the time it stood still does not count towards its deadline.</summary>
    private JobStatus TellSuspended(Job job, JobStatus status, DateTimeOffset now)
    {
        var isSuspended = job.IsSuspended();
        var condition = isSuspended
            ? JobConditions.New(JobNames.Suspended, ConditionStatus.True, "JobSuspended", "Job suspended", now)
            : JobConditions.New(JobNames.Suspended, ConditionStatus.False, "JobResumed", "Job resumed", now);
        var told = status.With(condition);
        if (ReferenceEquals(told, status))
        {
            return status;
        }
        tools.Events.Record(job, EventType.Normal, isSuspended ? "Suspended" : "Resumed", condition.Message!);
        return isSuspended ? told : told with { StartTime = now };
    }

    private void TellEnded(JobLook look, JobCondition decided)
    {
        if (decided.Type == JobNames.FailureTarget)
        {
            tools.Events.Record(look.Job, EventType.Warning, decided.Reason!, decided.Message!);
            return;
        }
        if (look.Succeeded > look.Job.Spec.Completions)
        {
            tools.Events.Record(
                look.Job, EventType.Warning, "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
        }
        tools.Events.Record(look.Job, EventType.Normal, "Completed", "Job completed");
    }
}
