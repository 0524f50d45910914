using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.ReplicaSets;

/// <summary>Works out a ReplicaSet's status.</summary>
internal static class ReplicaSetStatuses
{
    public const string ReplicaFailure = "ReplicaFailure";

    public static ReplicaSetStatus Calculate(ReplicaSet set, List<Pod> pods, int terminating, Exception? failure, DateTimeOffset now)
    {
        var labels = set.Spec.Template?.Metadata.Labels;
        var (labeled, ready, available) = (0, 0, 0);
        foreach (var pod in pods)
        {
            labeled += HasLabels(pod, labels) ? 1 : 0;
            if (pod.IsReady())
            {
                ready++;
                available += pod.IsAvailable(set.Spec.MinReadySeconds ?? 0, now) ? 1 : 0;
            }
        }
        return new ReplicaSetStatus
        {
            Replicas = pods.Count,
            FullyLabeledReplicas = OrAbsent(labeled),
            ReadyReplicas = OrAbsent(ready),
            AvailableReplicas = OrAbsent(available),
            TerminatingReplicas = terminating,
            ObservedGeneration = set.Metadata.Generation,
            Conditions = Conditions(set, pods.Count - (set.Spec.Replicas ?? 1), failure, now),
        };
    }

    /// <summary>Upstream leaves counts of zero out.</summary>
    private static int? OrAbsent(int count) => count == 0 ? null : count;

    private static bool HasLabels(Pod pod, IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var (key, value) in labels ?? new Dictionary<string, string>())
        {
            if (!pod.Metadata.Labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }
        return true;
    }

    private static IReadOnlyList<ReplicaSetCondition> Conditions(ReplicaSet set, int surplus, Exception? failure, DateTimeOffset now)
    {
        var known = set.Status.Conditions.FirstOrDefault(static condition => condition.Type == ReplicaFailure);
        if ((failure is null) == (known is null))
        {
            return set.Status.Conditions; // still failing, or still not: since when is what the condition tells
        }
        var others = set.Status.Conditions.Where(static condition => condition.Type != ReplicaFailure);
        if (failure is null)
        {
            return [.. others];
        }
        var condition = new ReplicaSetCondition
        {
            Type = ReplicaFailure,
            Status = ConditionStatus.True,
            Reason = surplus < 0 ? "FailedCreate" : "FailedDelete",
            Message = failure.Message,
            LastTransitionTime = now,
        };
        return [.. others, condition];
    }
}
