using Kybernet.Api.Apps.V1;

namespace Kybernet.Controllers.Deployments;

/// <summary>
/// Scales a Deployment without moving its rollout on: the one ReplicaSet that has pods, or in the middle of a rollout all that have, each by its share,
/// so that a bad new version does not get all that is added.
/// </summary>
internal static class ProportionalScaling
{
    public static async Task RunAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var wanted = rollout.Deployment.Wanted();
        if (ActiveOrLatest(rollout) is { } only)
        {
            if (only.Wanted() != wanted)
            {
                await rollout.ScaleAsync(only, wanted, cancellationToken);
            }
            return;
        }
        if (IsSaturated(rollout.Deployment, rollout.New))
        {
            foreach (var set in rollout.Old.Active())
            {
                await rollout.ScaleAsync(set, 0, cancellationToken);
            }
            return;
        }
        if (rollout.Deployment.IsRollingUpdate())
        {
            await ScaleInProportionAsync(rollout, cancellationToken);
        }
    }

    private static ReplicaSet? ActiveOrLatest(Rollout rollout)
    {
        var active = rollout.All.Active();
        return active.Count switch
        {
            0 => rollout.New ?? rollout.Old.LastOrDefault(),
            1 => active[0],
            _ => null,
        };
    }

    private static bool IsSaturated(Deployment deployment, ReplicaSet? set) =>
        set is not null && set.Wanted() == deployment.Wanted() && Revisions.Desired(set) == deployment.Wanted()
        && set.Status.AvailableReplicas == deployment.Wanted();

    private static async Task ScaleInProportionAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var allowed = deployment.Wanted() > 0 ? deployment.Wanted() + deployment.MaxSurge() : 0;
        var active = rollout.All.Active();
        var toAdd = allowed - active.Wanted();
        // The largest takes what rounding leaves over; of equals the newest when growing, the eldest when shrinking.
        active.Sort((left, right) =>
        {
            var bySize = right.Wanted().CompareTo(left.Wanted());
            var byAge = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
            return bySize != 0 ? bySize : toAdd > 0 ? -byAge : byAge;
        });
        var sizes = new int[active.Count];
        var added = 0;
        for (var i = 0; i < sizes.Length; i++)
        {
            var share = Share(active[i], deployment, toAdd, added);
            sizes[i] = active[i].Wanted() + share;
            added += share;
        }
        if (sizes.Length > 0)
        {
            sizes[0] = Math.Max(0, sizes[0] + toAdd - added);
        }
        for (var i = 0; i < sizes.Length; i++)
        {
            await rollout.ScaleAsync(active[i], sizes[i], cancellationToken);
        }
    }

    private static int Share(ReplicaSet set, Deployment deployment, int toAdd, int added)
    {
        if (toAdd == 0 || toAdd == added)
        {
            return 0;
        }
        var share = Fraction(set, deployment);
        return toAdd > 0 ? Math.Min(share, toAdd - added) : Math.Max(share, toAdd - added);
    }

    /// <summary>By how much a set grows or shrinks with the Deployment, reckoned from what the Deployment allowed when the set was last scaled.</summary>
    private static int Fraction(ReplicaSet set, Deployment deployment)
    {
        if (deployment.Wanted() == 0)
        {
            return -set.Wanted();
        }
        var before = Revisions.Max(set) is { } max and > 0 ? max : deployment.Status.Replicas ?? 0;
        if (before == 0)
        {
            return 0;
        }
        var size = (double)set.Wanted() * (deployment.Wanted() + deployment.MaxSurge()) / before;
        return (int)Math.Round(size, MidpointRounding.AwayFromZero) - set.Wanted();
    }
}
