using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Deployments;

/// <summary>Replaces pods all at once: the new ReplicaSet comes when no pod of an old one runs any more.</summary>
internal static class Recreation
{
    public static async Task RunAsync(Rollout rollout, ILister<Pod> pods, CancellationToken cancellationToken)
    {
        await rollout.SyncRevisionAsync(mayCreate: false, cancellationToken);
        var isShrinking = false;
        foreach (var set in rollout.Old.Active())
        {
            isShrinking |= await rollout.ScaleAsync(set, 0, cancellationToken);
        }
        if (isShrinking || DoOldPodsRun(rollout, pods))
        {
            return;
        }
        await rollout.SyncRevisionAsync(mayCreate: true, cancellationToken);
        await rollout.ScaleAsync(rollout.New!, rollout.Deployment.Wanted(), cancellationToken);
        if (DeploymentStatuses.IsComplete(rollout.Deployment, rollout.Deployment.Status))
        {
            await rollout.DeleteOldRevisionsAsync(cancellationToken);
        }
    }

    /// <summary>Pods that are going still run: neither a ReplicaSet's status nor its size counts them.</summary>
    private static bool DoOldPodsRun(Rollout rollout, ILister<Pod> pods) =>
        rollout.Old.Actual() > 0
        || rollout.Old.Any(set => pods.ManagedBy(set.Metadata.Uid!).Any(static pod => !pod.IsTerminal()));
}
