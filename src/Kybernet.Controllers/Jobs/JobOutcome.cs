using Kybernet.Api.Batch.V1;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Jobs;

/// <summary>
/// Decides whether a Job is over, as a condition: SuccessCriteriaMet or FailureTarget at first, which end its pods; Complete or Failed when all are
/// counted and gone. Once decided it stays so, whatever its last pods do.
/// </summary>
internal static class JobOutcome
{
    /// <summary>What was decided before, what has failed, then what has succeeded; null where the job goes on.</summary>
    public static JobCondition? Decide(JobLook look)
    {
        var status = look.Job.Status;
        if (status.Has(JobNames.SuccessCriteriaMet))
        {
            return status.Condition(JobNames.SuccessCriteriaMet);
        }
        if (status.Condition(JobNames.FailureTarget) is { Status: ConditionStatus.True } target)
        {
            return target;
        }
        return Failure(look) ?? (SuccessRules.Match(look.Job.Spec.SuccessPolicy, look.Job.Spec.Completions ?? 0, look.SucceededIndexes) is { } rule
            ? JobConditions.New(JobNames.SuccessCriteriaMet, ConditionStatus.True, "SuccessPolicy", rule, look.Now) : null);
    }

    /// <summary>Whether enough pods have succeeded, and none runs any more.</summary>
    public static JobCondition? Completion(JobLook look)
    {
        var isEnough = look.Job.Spec.Completions is { } completions ? look.Succeeded >= completions : look.Succeeded > 0;
        return isEnough && look.Active == 0
            ? JobConditions.New(
                JobNames.SuccessCriteriaMet, ConditionStatus.True, "CompletionsReached", "Reached expected number of succeeded pods", look.Now)
            : null;
    }

    /// <summary>The condition that a job ends with in the end.</summary>
    public static JobCondition Final(JobCondition decided, DateTimeOffset now) => JobConditions.New(
        decided.Type == JobNames.FailureTarget ? JobNames.Failed : JobNames.Complete, ConditionStatus.True, decided.Reason, decided.Message, now);

    private static JobCondition? Failure(JobLook look)
    {
        var spec = look.Job.Spec;
        foreach (var pod in look.Pods)
        {
            if (JobPods.IsFailed(pod, look.Job) && FailurePolicy.Match(spec.PodFailurePolicy, pod).Message is { } message)
            {
                return Target("PodFailurePolicy", message, look);
            }
        }
        if (look.Failed > (spec.BackoffLimit ?? 6) || RestartsExceed(look))
        {
            return Target("BackoffLimitExceeded", "Job has reached the specified backoff limit", look);
        }
        if (spec.ActiveDeadlineSeconds is { } seconds && !look.Job.IsSuspended())
        {
            var left = (look.Job.Status.StartTime ?? look.Now) + TimeSpan.FromSeconds(seconds) - look.Now;
            if (left <= TimeSpan.Zero)
            {
                return Target("DeadlineExceeded", "Job was active longer than specified deadline", look);
            }
            look.LookAgainIn(left);
        }
        return look.Job.LimitsFailuresPerIndex() ? FailureOfIndexes(look) : null;
    }

    private static JobCondition? FailureOfIndexes(JobLook look)
    {
        var failed = look.FailedIndexes.Count;
        if (failed > look.Job.Spec.MaxFailedIndexes)
        {
            return Target("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes", look);
        }
        return failed > 0 && failed + look.SucceededIndexes.Count >= look.Job.Spec.Completions ? Target("FailedIndexes", "Job has failed indexes", look) : null;
    }

    /// <summary>Containers that are restarted in place count as failures too.</summary>
    private static bool RestartsExceed(JobLook look)
    {
        if (look.Job.Spec.Template.Spec.RestartPolicy != "OnFailure")
        {
            return false;
        }
        var restarts = look.Pods
            .Where(static pod => pod.Status.Phase is PodStatuses.Running or PodStatuses.Pending)
            .Sum(static pod => Restarts(pod.Status.ContainerStatuses) + Restarts(pod.Status.InitContainerStatuses));
        return restarts > 0 && restarts >= (look.Job.Spec.BackoffLimit ?? 6);
    }

    private static int Restarts(IReadOnlyList<ContainerStatus> statuses) => statuses.Sum(static status => status.RestartCount);

    private static JobCondition Target(string reason, string message, JobLook look) =>
        JobConditions.New(JobNames.FailureTarget, ConditionStatus.True, reason, message, look.Now);
}
