using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>Replaces the pods of former templates: by deleting old ones as far as they may be missed, or by making new ones beside them.</summary>
internal static class DaemonRollingUpdate
{
    public static DaemonChanges Plan(DaemonRollout rollout) => rollout.MaxSurge == 0 ? DeleteFirst(rollout) : SurgeFirst(rollout);

    /// <summary>Old pods that are not available cost nobody anything: they go in any case.</summary>
    private static DaemonChanges DeleteFirst(DaemonRollout rollout)
    {
        var changes = new DaemonChanges();
        var candidates = new List<Pod>();
        var unavailable = 0;
        foreach (var (_, pods) in Wanted(rollout))
        {
            if (TakePair(rollout, pods) is not { } pair || (pair.New is null) == (pair.Old is null))
            {
                unavailable++; // two of one kind, none at all, or one of each: for the next look to put right
            }
            else if (pair.New is not null)
            {
                unavailable += rollout.IsAvailable(pair.New) ? 0 : 1;
            }
            else if (rollout.IsAvailable(pair.Old!))
            {
                candidates.Add(pair.Old!);
            }
            else
            {
                unavailable++;
                changes.Surplus.Add(pair.Old!);
            }
        }
        changes.Surplus.AddRange(candidates.Take(rollout.MaxUnavailable - unavailable));
        return changes;
    }

    private static DaemonChanges SurgeFirst(DaemonRollout rollout)
    {
        var changes = new DaemonChanges();
        var candidates = new List<string>();
        var surge = 0;
        foreach (var (node, pods) in Wanted(rollout))
        {
            if (TakePair(rollout, pods) is not { } pair)
            {
                surge++;
            }
            else if (pair.Old is not null && pair.New is null)
            {
                (rollout.IsAvailable(pair.Old) ? candidates : changes.Nodes).Add(node);
                surge += rollout.IsAvailable(pair.Old) ? 0 : 1;
            }
            else if (pair is { Old: not null, New: not null })
            {
                if (rollout.IsAvailable(pair.New))
                {
                    changes.Surplus.Add(pair.Old);
                }
                else
                {
                    surge++;
                }
            }
        }
        changes.Nodes.AddRange(candidates.Take(rollout.MaxSurge - surge));
        return changes;
    }

    private static IEnumerable<(string Node, IReadOnlyList<Pod> Pods)> Wanted(DaemonRollout rollout)
    {
        foreach (var node in rollout.Nodes)
        {
            if (DaemonPods.Wants(rollout.Set, node).ShouldRun)
            {
                yield return (node.Metadata.Name!, rollout.On(node.Metadata.Name!));
            }
        }
    }

    /// <summary>The new and the old pod of a node; null where there are two of a kind.</summary>
    private static Pair? TakePair(DaemonRollout rollout, IReadOnlyList<Pod> pods)
    {
        Pod? current = null;
        Pod? old = null;
        foreach (var pod in pods)
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                continue;
            }
            ref var place = ref pod.IsOf(rollout.Hash) ? ref current : ref old;
            if (place is not null)
            {
                return null;
            }
            place = pod;
        }
        return new Pair(current, old);
    }

    private sealed record Pair(Pod? New, Pod? Old);
}
