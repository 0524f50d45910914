namespace Kybernet.Controllers.Deployments;

/// <summary>
/// Replaces pods bit by bit: the new ReplicaSet grows as far as the surge allows, the old ones shrink as far as what is available allows, broken pods first.
/// </summary>
internal static class RollingUpdate
{
    public static async Task RunAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        await rollout.SyncRevisionAsync(mayCreate: true, cancellationToken);
        if (await GrowNewAsync(rollout, cancellationToken) || await ShrinkOldAsync(rollout, cancellationToken))
        {
            return;
        }
        if (DeploymentStatuses.IsComplete(rollout.Deployment, rollout.Deployment.Status))
        {
            await rollout.DeleteOldRevisionsAsync(cancellationToken);
        }
    }

    private static Task<bool> GrowNewAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var set = rollout.New!;
        var wanted = rollout.Deployment.Wanted();
        if (set.Wanted() == wanted)
        {
            return Task.FromResult(false);
        }
        var size = set.Wanted() > wanted ? wanted : Replicas.ForNewSet(rollout.Deployment, rollout.All, set.Wanted());
        return size == set.Wanted() ? Task.FromResult(false) : rollout.ScaleAsync(set, size, cancellationToken);
    }

    private static async Task<bool> ShrinkOldAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        if (rollout.Old.Wanted() == 0)
        {
            return false;
        }
        var minAvailable = rollout.Deployment.Wanted() - rollout.Deployment.MaxUnavailable();
        var newUnavailable = rollout.New!.Wanted() - (rollout.New!.Status.AvailableReplicas ?? 0);
        var spare = rollout.All.Wanted() - minAvailable - newUnavailable;
        if (spare <= 0)
        {
            return false;
        }
        var shrunk = await ShrinkBrokenAsync(rollout, spare, cancellationToken);
        return await ShrinkWhatIsSpareAsync(rollout, minAvailable, cancellationToken) || shrunk;
    }

    /// <summary>Pods that are not available cost nobody anything: they go first, so that a broken rollout does not hold up the next.</summary>
    private static async Task<bool> ShrinkBrokenAsync(Rollout rollout, int spare, CancellationToken cancellationToken)
    {
        var left = spare;
        foreach (var set in rollout.Old.Active())
        {
            var broken = Math.Min(left, set.Wanted() - (set.Status.AvailableReplicas ?? 0));
            if (broken > 0)
            {
                await rollout.ScaleAsync(set, set.Wanted() - broken, cancellationToken);
                left -= broken;
            }
        }
        return left < spare;
    }

    private static async Task<bool> ShrinkWhatIsSpareAsync(Rollout rollout, int minAvailable, CancellationToken cancellationToken)
    {
        // A set that was shrunk a moment ago still reports the pods that are about to go; they are not to be counted on.
        var spare = rollout.All.Sum(static set => Math.Min(set.Wanted(), set.Status.AvailableReplicas ?? 0)) - minAvailable;
        var shrunk = false;
        foreach (var set in rollout.Old.Active())
        {
            var count = Math.Min(set.Wanted(), spare);
            if (count > 0)
            {
                await rollout.ScaleAsync(set, set.Wanted() - count, cancellationToken);
                spare -= count;
                shrunk = true;
            }
        }
        return shrunk;
    }
}
