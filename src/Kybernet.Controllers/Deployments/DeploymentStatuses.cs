using Kybernet.Api.Apps.V1;

namespace Kybernet.Controllers.Deployments;

/// <summary>Works out a Deployment's status, and what it says about a rollout.</summary>
internal static class DeploymentStatuses
{
    public static DeploymentStatus Calculate(Deployment deployment, IReadOnlyList<ReplicaSet> all, ReplicaSet? newSet, DateTimeOffset now)
    {
        var available = all.Available();
        var status = new DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = OrAbsent(all.Actual()),
            UpdatedReplicas = OrAbsent(newSet?.Status.Replicas ?? 0),
            ReadyReplicas = OrAbsent(all.Sum(static set => set.Status.ReadyReplicas ?? 0)),
            AvailableReplicas = OrAbsent(available),
            UnavailableReplicas = OrAbsent(Math.Max(0, all.Wanted() - available)),
            TerminatingReplicas = Terminating(all),
            CollisionCount = deployment.Status.CollisionCount,
            Conditions = deployment.Status.Conditions,
        };
        return status.With(available >= deployment.Wanted() - deployment.MaxUnavailable()
            ? DeploymentConditions.New(
                DeploymentNames.Available, ConditionStatus.True, "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : DeploymentConditions.New(
                DeploymentNames.Available, ConditionStatus.False, "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now));
    }

    public static bool IsComplete(Deployment deployment, DeploymentStatus status) =>
        (status.UpdatedReplicas ?? 0) == deployment.Wanted()
        && (status.Replicas ?? 0) == deployment.Wanted()
        && (status.AvailableReplicas ?? 0) == deployment.Wanted()
        && (status.ObservedGeneration ?? 0) >= (deployment.Metadata.Generation ?? 0);

    public static bool IsProgressing(Deployment deployment, DeploymentStatus status)
    {
        var before = deployment.Status;
        return status.UpdatedReplicas > (before.UpdatedReplicas ?? 0)
            || Old(status) < Old(before)
            || status.ReadyReplicas > (before.ReadyReplicas ?? 0)
            || status.AvailableReplicas > (before.AvailableReplicas ?? 0);
    }

    public static bool IsTimedOut(Deployment deployment, DateTimeOffset now)
    {
        if (!deployment.HasProgressDeadline() || deployment.Status.Condition(DeploymentNames.Progressing) is not { } progressing
            || progressing.Reason == DeploymentNames.NewReplicaSetAvailableReason)
        {
            return false; // one that completed cannot time out, even if its pods fail later
        }
        return progressing.Reason == DeploymentNames.TimedOutReason || Deadline(deployment, progressing) < now;
    }

    public static DateTimeOffset Deadline(Deployment deployment, DeploymentCondition progressing) =>
        (progressing.LastUpdateTime ?? DateTimeOffset.MinValue) + TimeSpan.FromSeconds(deployment.Spec.ProgressDeadlineSeconds!.Value);

    private static int Old(DeploymentStatus status) => (status.Replicas ?? 0) - (status.UpdatedReplicas ?? 0);

    private static int? OrAbsent(int count) => count == 0 ? null : count;

    /// <summary>Known only where all ReplicaSets know theirs.</summary>
    private static int? Terminating(IReadOnlyList<ReplicaSet> all)
    {
        var sum = 0;
        foreach (var set in all)
        {
            if (set.Status.TerminatingReplicas is not { } count)
            {
                return null;
            }
            sum += count;
        }
        return sum;
    }
}
