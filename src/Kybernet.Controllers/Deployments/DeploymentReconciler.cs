using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.Deployments;

/// <summary>Moves a Deployment's pods from its old ReplicaSets to the one of its present template, as its strategy says.</summary>
internal sealed class DeploymentReconciler(DeploymentTools tools, ILister<Deployment> deployments, ILister<ReplicaSet> sets, ILister<Pod> pods) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (deployments.Get(key) is not { } deployment)
        {
            return Requeue.OnChange; // the garbage collector takes its ReplicaSets
        }
        var selector = Selector.From(deployment.Spec.Selector);
        if (selector.IsEverything)
        {
            await RefuseToSelectAllAsync(deployment, cancellationToken);
            return Requeue.OnChange;
        }
        var candidates = sets.ManagedBy(deployment.Metadata.Uid!).Concat(sets.Unmanaged(key.Namespace));
        var owned = await new Claims<Deployment, ReplicaSet>(tools.Client, deployment, selector.Matches).ClaimAsync(candidates, cancellationToken);
        var rollout = new Rollout(tools, deployment, owned);
        if (deployment.Metadata.DeletionTimestamp is not null)
        {
            await rollout.SyncRevisionAsync(mayCreate: false, cancellationToken);
            return await WriteStatusAsync(rollout, tellProgress: false, cancellationToken);
        }
        await MarkPausedAsync(rollout, cancellationToken);
        if (rollout.Deployment.Spec.Paused == true || await IsScalingAsync(rollout, cancellationToken))
        {
            await rollout.SyncRevisionAsync(mayCreate: false, cancellationToken);
            await ProportionalScaling.RunAsync(rollout, cancellationToken);
            if (rollout.Deployment.Spec.Paused == true)
            {
                await rollout.DeleteOldRevisionsAsync(cancellationToken);
            }
            return await WriteStatusAsync(rollout, tellProgress: false, cancellationToken);
        }
        if (rollout.Deployment.IsRollingUpdate())
        {
            await RollingUpdate.RunAsync(rollout, cancellationToken);
        }
        else
        {
            await Recreation.RunAsync(rollout, pods, cancellationToken);
        }
        return await WriteStatusAsync(rollout, tellProgress: true, cancellationToken);
    }

    private async Task RefuseToSelectAllAsync(Deployment deployment, CancellationToken cancellationToken)
    {
        tools.Events.Record(
            deployment, EventType.Warning, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
        if ((deployment.Status.ObservedGeneration ?? 0) < (deployment.Metadata.Generation ?? 0))
        {
            var status = deployment.Status with { ObservedGeneration = deployment.Metadata.Generation };
            await tools.Client.UpdateStatusAsync(deployment with { Status = status }, cancellationToken);
        }
    }

    /// <summary>Says that a Deployment is paused or resumed, so that the time it stood still does not count as lack of progress.</summary>
    private static async Task MarkPausedAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var progressing = deployment.Status.Condition(DeploymentNames.Progressing);
        if (!deployment.HasProgressDeadline() || progressing?.Reason == DeploymentNames.TimedOutReason)
        {
            return;
        }
        var isPaused = deployment.Spec.Paused == true;
        var isMarked = progressing?.Reason == DeploymentNames.PausedReason;
        if (isPaused && !isMarked)
        {
            await rollout.SetConditionAsync(DeploymentNames.Progressing, ConditionStatus.Unknown, DeploymentNames.PausedReason, "Deployment is paused", cancellationToken);
        }
        else if (!isPaused && isMarked)
        {
            await rollout.SetConditionAsync(DeploymentNames.Progressing, ConditionStatus.Unknown, DeploymentNames.ResumedReason, "Deployment is resumed", cancellationToken);
        }
    }

    /// <summary>Whether the wanted size changed since the ReplicaSets were last scaled: then they are scaled in proportion before the rollout goes on.</summary>
    private static async Task<bool> IsScalingAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        await rollout.SyncRevisionAsync(mayCreate: false, cancellationToken);
        return rollout.All.Active().Any(set => Revisions.Desired(set) is { } desired && desired != rollout.Deployment.Wanted());
    }

    private async Task<Requeue> WriteStatusAsync(Rollout rollout, bool tellProgress, CancellationToken cancellationToken)
    {
        var now = tools.Time.GetUtcNow();
        var deployment = rollout.Deployment;
        var status = DeploymentStatuses.Calculate(deployment, rollout.All, rollout.New, now);
        if (tellProgress)
        {
            status = DeploymentProgress.Tell(rollout, status, now);
        }
        if (!ModelJson.Same(status, deployment.Status))
        {
            await tools.Client.UpdateStatusAsync(deployment with { Status = status }, cancellationToken);
            return Requeue.OnChange;
        }
        return tellProgress && DeploymentProgress.CheckAgainIn(deployment, status, now) is { } delay ? Requeue.In(delay) : Requeue.OnChange;
    }
}
