using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.ReplicaSets;

/// <summary>Works out a ReplicaSet's status, or a ReplicationController's.</summary>
internal static class ReplicaSetStatuses
{
    public const string ReplicaFailure = "ReplicaFailure";

    public static ReplicaSetStatus Calculate(
        ReplicaSetSpec spec, ReplicaSetStatus previous, long? generation, List<Pod> pods, int terminating, Exception? failure, DateTimeOffset now)
    {
        var labels = spec.Template?.Metadata.Labels;
        var (labeled, ready, available) = (0, 0, 0);
        foreach (var pod in pods)
        {
            labeled += HasLabels(pod, labels) ? 1 : 0;
            if (pod.IsReady())
            {
                ready++;
                available += pod.IsAvailable(spec.MinReadySeconds ?? 0, now) ? 1 : 0;
            }
        }
        return new ReplicaSetStatus
        {
            Replicas = pods.Count,
            FullyLabeledReplicas = OrAbsent(labeled),
            ReadyReplicas = OrAbsent(ready),
            AvailableReplicas = OrAbsent(available),
            TerminatingReplicas = terminating,
            ObservedGeneration = generation,
            Conditions = Conditions(previous.Conditions, pods.Count - (spec.Replicas ?? 1), failure, now),
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

    private static IReadOnlyList<ReplicaSetCondition> Conditions(IReadOnlyList<ReplicaSetCondition> previous, int surplus, Exception? failure, DateTimeOffset now)
    {
        var known = previous.FirstOrDefault(static condition => condition.Type == ReplicaFailure);
        if ((failure is null) == (known is null))
        {
            return previous; // still failing, or still not: since when is what the condition tells
        }
        var others = previous.Where(static condition => condition.Type != ReplicaFailure);
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
