using Kybernet.Api.Apps.V1;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>Works out a DaemonSet's status.</summary>
internal static class DaemonSetStatuses
{
    public static DaemonSetStatus Calculate(DaemonRollout rollout, int? collisions, bool isObserved)
    {
        var set = rollout.Set;
        var (desired, current, misscheduled, ready, available, updated) = (0, 0, 0, 0, 0, 0);
        foreach (var node in rollout.Nodes)
        {
            var shouldRun = DaemonPods.Wants(set, node).ShouldRun;
            var pods = rollout.On(node.Metadata.Name!);
            desired += shouldRun ? 1 : 0;
            if (pods.Count == 0)
            {
                continue;
            }
            if (!shouldRun)
            {
                misscheduled++;
                continue;
            }
            current++;
            if (pods[0].IsReady())
            {
                ready++;
                available += rollout.IsAvailable(pods[0]) ? 1 : 0;
            }
            updated += pods.Any(pod => pod.IsOf(rollout.Hash)) ? 1 : 0;
        }
        return new DaemonSetStatus
        {
            ObservedGeneration = isObserved ? set.Metadata.Generation : set.Status.ObservedGeneration,
            DesiredNumberScheduled = desired,
            CurrentNumberScheduled = current,
            NumberMisscheduled = misscheduled,
            NumberReady = ready,
            UpdatedNumberScheduled = OrAbsent(updated),
            NumberAvailable = OrAbsent(available),
            NumberUnavailable = OrAbsent(desired - available),
            CollisionCount = collisions is 0 ? null : collisions,
            Conditions = set.Status.Conditions,
        };
    }

    /// <summary>Upstream leaves counts of zero out.</summary>
    private static int? OrAbsent(int count) => count == 0 ? null : count;
}
