using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.StatefulSets;

/// <summary>Works out a StatefulSet's status.</summary>
internal static class StatefulSetStatuses
{
    public static StatefulSetStatus Calculate(
        StatefulSet set, IEnumerable<Pod> pods, ControllerRevision current, ControllerRevision update, int collisions, DateTimeOffset now)
    {
        var (all, ready, available, atCurrent, atUpdate) = (0, 0, 0, 0, 0);
        foreach (var pod in pods)
        {
            all++;
            var isReady = pod.IsRunningAndReady();
            ready += isReady ? 1 : 0;
            available += isReady && pod.IsAvailable(set.Spec.MinReadySeconds ?? 0, now) ? 1 : 0;
            if (pod.Metadata.DeletionTimestamp is null)
            {
                atCurrent += StatefulPods.RevisionOf(pod) == current.Metadata.Name ? 1 : 0;
                atUpdate += StatefulPods.RevisionOf(pod) == update.Metadata.Name ? 1 : 0;
            }
        }
        var isUpdated = set.Spec.UpdateStrategy?.Type != StatefulSetNames.OnDelete && atUpdate == all && ready == all && all == set.Wanted();
        return new StatefulSetStatus
        {
            ObservedGeneration = set.Metadata.Generation,
            Replicas = all,
            ReadyReplicas = OrAbsent(ready),
            AvailableReplicas = available,
            CurrentReplicas = OrAbsent(isUpdated ? atUpdate : atCurrent),
            UpdatedReplicas = OrAbsent(atUpdate),
            CurrentRevision = isUpdated ? update.Metadata.Name : current.Metadata.Name,
            UpdateRevision = update.Metadata.Name,
            CollisionCount = collisions,
            Conditions = set.Status.Conditions,
        };
    }

    /// <summary>Upstream leaves counts of zero out.</summary>
    private static int? OrAbsent(int count) => count == 0 ? null : count;
}
