using System.Globalization;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Deployments;

/// <summary>One look at a Deployment and its ReplicaSets, kept up to date with what is written while acting on it.</summary>
internal sealed class Rollout(DeploymentTools tools, Deployment deployment, IReadOnlyList<ReplicaSet> owned)
{
    public DeploymentTools Tools => tools;

    public Deployment Deployment { get; private set; } = deployment;

    /// <summary>The ReplicaSet of the present template; null where there is none.</summary>
    public ReplicaSet? New { get; private set; }

    /// <summary>The ReplicaSets of former templates, eldest first.</summary>
    public List<ReplicaSet> Old { get; private set; } = [];

    /// <summary>All ReplicaSets.</summary>
    public IReadOnlyList<ReplicaSet> All => New is null ? Old : [.. Old, New];

    /// <summary>Finds or makes the ReplicaSet of the present template, and numbers it as the latest revision.</summary>
    /// <exception cref="ApiException">A write was refused.</exception>
    public async Task SyncRevisionAsync(bool mayCreate, CancellationToken cancellationToken)
    {
        if (New is not null)
        {
            return;
        }
        var byAge = owned.OrderBy(static set => set.Metadata.CreationTimestamp).ThenBy(static set => set.Metadata.Name, StringComparer.Ordinal).ToList();
        var existing = byAge.FirstOrDefault(set => TemplateHash.Same(set.Spec.Template ?? PodTemplateSpec.Empty, Deployment.Spec.Template));
        Old = [.. byAge.Where(set => !ReferenceEquals(set, existing))];
        var revision = Revisions.Latest(Old) + 1;
        if (existing is not null)
        {
            await TakeExistingAsync(existing, revision, cancellationToken);
        }
        else if (mayCreate)
        {
            await CreateAsync(revision, cancellationToken);
        }
    }

    /// <summary>Scales a ReplicaSet, and tells the user if its size changes.</summary>
    /// <returns>Whether its size changed.</returns>
    public async Task<bool> ScaleAsync(ReplicaSet set, int size, CancellationToken cancellationToken)
    {
        var scaled = Revisions.WithReplicas(Deployment, set);
        var isResized = set.Wanted() != size;
        if (!isResized && Revisions.SameAnnotations(set, scaled))
        {
            return false;
        }
        var written = await tools.Client.UpdateAsync(scaled with { Spec = set.Spec with { Replicas = size } }, cancellationToken);
        Replace(set, written);
        if (isResized)
        {
            var direction = set.Wanted() < size ? "up" : "down";
            tools.Events.Record(
                Deployment, EventType.Normal, "ScalingReplicaSet",
                string.Create(CultureInfo.InvariantCulture, $"Scaled {direction} replica set {set.Metadata.Name} from {set.Wanted()} to {size}"));
        }
        return isResized;
    }

    /// <summary>Deletes the eldest revisions beyond the limit, if nothing runs of them.</summary>
    public async Task DeleteOldRevisionsAsync(CancellationToken cancellationToken)
    {
        if (Deployment.Spec.RevisionHistoryLimit is not { } limit || limit == int.MaxValue)
        {
            return;
        }
        var deletable = Old.Where(static set => set.Metadata.DeletionTimestamp is null).OrderBy(Revisions.Of).ThenBy(static set => set.Metadata.CreationTimestamp).ToList();
        foreach (var set in deletable.Take(deletable.Count - limit))
        {
            if (set.Status.Replicas == 0 && set.Wanted() == 0 && (set.Metadata.Generation ?? 0) <= (set.Status.ObservedGeneration ?? 0))
            {
                await tools.Client.DeleteAsync<ReplicaSet>(set.Metadata.Namespace!, set.Metadata.Name!, DeleteOptions.Empty, cancellationToken);
            }
        }
    }

    /// <summary>Writes a condition into the status at once.</summary>
    public Task SetConditionAsync(string type, string status, string reason, string message, CancellationToken cancellationToken) =>
        WriteAsync(WithCondition(Deployment, type, status, reason, message), cancellationToken);

    private Deployment WithCondition(Deployment changed, string type, string status, string reason, string message) =>
        changed with { Status = changed.Status.With(DeploymentConditions.New(type, status, reason, message, tools.Time.GetUtcNow())) };

    private async Task WriteAsync(Deployment changed, CancellationToken cancellationToken) =>
        Deployment = await tools.Client.UpdateStatusAsync(changed, cancellationToken);

    private void Replace(ReplicaSet set, ReplicaSet written)
    {
        if (ReferenceEquals(set, New))
        {
            New = written;
        }
        else
        {
            Old[Old.IndexOf(set)] = written;
        }
    }

    private async Task TakeExistingAsync(ReplicaSet existing, long revision, CancellationToken cancellationToken)
    {
        var annotated = Revisions.Annotate(Deployment, existing, revision, isNew: false);
        if (!Revisions.SameAnnotations(existing, annotated) || existing.Spec.MinReadySeconds != Deployment.Spec.MinReadySeconds)
        {
            existing = await tools.Client.UpdateAsync(
                annotated with { Spec = annotated.Spec with { MinReadySeconds = Deployment.Spec.MinReadySeconds } }, cancellationToken);
        }
        New = existing;
        var changed = WithRevision(Deployment, existing.Metadata.Annotations.GetValueOrDefault(DeploymentNames.Revision) ?? "1");
        if (Deployment.HasProgressDeadline() && Deployment.Status.Condition(DeploymentNames.Progressing) is null)
        {
            changed = WithCondition(
                changed, DeploymentNames.Progressing, ConditionStatus.True, DeploymentNames.FoundReplicaSetReason, $"Found new replica set \"{existing.Metadata.Name}\"");
        }
        if (!ReferenceEquals(changed, Deployment))
        {
            await WriteAsync(changed, cancellationToken);
        }
    }

    private static Deployment WithRevision(Deployment deployment, string revision)
    {
        if (deployment.Metadata.Annotations.GetValueOrDefault(DeploymentNames.Revision) == revision)
        {
            return deployment;
        }
        var annotations = new Dictionary<string, string>(deployment.Metadata.Annotations, StringComparer.Ordinal) { [DeploymentNames.Revision] = revision };
        return deployment with { Metadata = deployment.Metadata with { Annotations = annotations } };
    }

    private async Task CreateAsync(long revision, CancellationToken cancellationToken)
    {
        var wanted = NewReplicaSets.Describe(Deployment, Old, revision);
        var isMade = true;
        try
        {
            New = await tools.Client.CreateAsync(wanted, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            New = await TakeNamesakeAsync(wanted, cancellationToken);
            isMade = false;
        }
        catch (ApiException exception) when (!PodControl.IsNamespaceTerminating(exception))
        {
            var message = $"Failed to create new replica set \"{wanted.Metadata.Name}\": {exception.Message}";
            if (Deployment.HasProgressDeadline())
            {
                await SetConditionAsync(DeploymentNames.Progressing, ConditionStatus.False, DeploymentNames.FailedCreateReason, message, cancellationToken);
            }
            tools.Events.Record(Deployment, EventType.Warning, DeploymentNames.FailedCreateReason, message);
            throw;
        }
        if (isMade && New.Wanted() > 0)
        {
            tools.Events.Record(
                Deployment, EventType.Normal, "ScalingReplicaSet",
                string.Create(CultureInfo.InvariantCulture, $"Scaled up replica set {New.Metadata.Name} from 0 to {New.Wanted()}"));
        }
        var changed = WithRevision(Deployment, revision.ToString(CultureInfo.InvariantCulture));
        if (isMade && Deployment.HasProgressDeadline())
        {
            changed = WithCondition(
                changed, DeploymentNames.Progressing, ConditionStatus.True, DeploymentNames.NewReplicaSetReason, $"Created new replica set \"{New.Metadata.Name}\"");
        }
        if (!ReferenceEquals(changed, Deployment))
        {
            await WriteAsync(changed, cancellationToken);
        }
    }

    /// <summary>The ReplicaSet that has the name already: ours, if only the cache does not show it yet; else the hash collided, and the next try has another.</summary>
    private async Task<ReplicaSet> TakeNamesakeAsync(ReplicaSet wanted, CancellationToken cancellationToken)
    {
        var namesake = await tools.Client.GetAsync<ReplicaSet>(wanted.Metadata.Namespace!, wanted.Metadata.Name!, cancellationToken);
        if (namesake.Metadata.IsControlledBy(Deployment) && TemplateHash.Same(namesake.Spec.Template ?? PodTemplateSpec.Empty, Deployment.Spec.Template))
        {
            return namesake;
        }
        await WriteAsync(Deployment with { Status = Deployment.Status with { CollisionCount = (Deployment.Status.CollisionCount ?? 0) + 1 } }, cancellationToken);
        throw new ApiException(new Status { Code = 409, Reason = "Conflict", Message = $"replica set {wanted.Metadata.Name} is of another template: the hash collided" });
    }
}
