using Kybernet.Api.Apps.V1;

namespace Kybernet.Controllers.Deployments;

/// <summary>Tells by conditions whether a rollout is complete, goes on, has stopped, or cannot make pods.</summary>
internal static class DeploymentProgress
{
    public static DeploymentStatus Tell(Rollout rollout, DeploymentStatus status, DateTimeOffset now)
    {
        var deployment = rollout.Deployment;
        var known = deployment.Status.Condition(DeploymentNames.Progressing);
        if (!deployment.HasProgressDeadline())
        {
            status = status.Without(DeploymentNames.Progressing);
        }
        else if (!(status.Replicas == status.UpdatedReplicas && known?.Reason == DeploymentNames.NewReplicaSetAvailableReason))
        {
            status = Progress(rollout, status, known, now);
        }
        return Failure(rollout) is { } failure ? status.With(failure) : status.Without(DeploymentNames.ReplicaFailure);
    }

    /// <summary>When to see whether the deadline has gone by, as nothing else may happen until then; null where there is no need.</summary>
    public static TimeSpan? CheckAgainIn(Deployment deployment, DeploymentStatus status, DateTimeOffset now)
    {
        if (deployment.Status.Condition(DeploymentNames.Progressing) is not { } progressing || !deployment.HasProgressDeadline()
            || DeploymentStatuses.IsComplete(deployment, status) || progressing.Reason == DeploymentNames.TimedOutReason)
        {
            return null;
        }
        var left = DeploymentStatuses.Deadline(deployment, progressing) - now;
        // A second more, for times are written in whole seconds.
        return (left > TimeSpan.Zero ? left : TimeSpan.Zero) + TimeSpan.FromSeconds(1);
    }

    private static DeploymentStatus Progress(Rollout rollout, DeploymentStatus status, DeploymentCondition? known, DateTimeOffset now)
    {
        var deployment = rollout.Deployment;
        var subject = rollout.New is { } set ? $"ReplicaSet \"{set.Metadata.Name}\"" : $"Deployment \"{deployment.Metadata.Name}\"";
        if (DeploymentStatuses.IsComplete(deployment, status))
        {
            return status.With(DeploymentConditions.New(
                DeploymentNames.Progressing, ConditionStatus.True, DeploymentNames.NewReplicaSetAvailableReason, $"{subject} has successfully progressed.", now));
        }
        if (DeploymentStatuses.IsProgressing(deployment, status))
        {
            var condition = DeploymentConditions.New(
                DeploymentNames.Progressing, ConditionStatus.True, DeploymentNames.ReplicaSetUpdatedReason, $"{subject} is progressing.", now);
            // Replaced even where it says the same: the time of its update is what the deadline is reckoned from.
            var since = known?.Status == ConditionStatus.True ? known.LastTransitionTime : now;
            return status.Without(DeploymentNames.Progressing).With(condition with { LastTransitionTime = since });
        }
        if (DeploymentStatuses.IsTimedOut(deployment, now))
        {
            return status.With(DeploymentConditions.New(
                DeploymentNames.Progressing, ConditionStatus.False, DeploymentNames.TimedOutReason, $"{subject} has timed out progressing.", now));
        }
        return status;
    }

    /// <summary>Why pods cannot be made or deleted: the new ReplicaSet's reason before the old ones'.</summary>
    private static DeploymentCondition? Failure(Rollout rollout)
    {
        var failure = FailureOf(rollout.New);
        foreach (var set in rollout.All)
        {
            failure ??= FailureOf(set);
        }
        return failure is null ? null : new DeploymentCondition
        {
            Type = DeploymentNames.ReplicaFailure,
            Status = failure.Status,
            Reason = failure.Reason,
            Message = failure.Message,
            LastTransitionTime = failure.LastTransitionTime,
            LastUpdateTime = failure.LastTransitionTime,
        };
    }

    private static ReplicaSetCondition? FailureOf(ReplicaSet? set) =>
        set?.Status.Conditions.FirstOrDefault(static condition => condition.Type == DeploymentNames.ReplicaFailure);
}
