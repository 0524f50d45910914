using System.Runtime.ExceptionServices;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;
using Kybernet.Client;
using Kybernet.Controllers.History;

namespace Kybernet.Controllers.StatefulSets;

/// <summary>Keeps a StatefulSet's ordinals filled with pods of the right revision.</summary>
internal sealed class StatefulSetReconciler(
    ApiClient client, ILister<StatefulSet> sets, ILister<Pod> pods, ILister<ControllerRevision> revisions, StatefulPodControl control, StatefulClaims claims,
    TimeProvider time) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (sets.Get(key) is not { } set)
        {
            return Requeue.OnChange; // the garbage collector takes its pods
        }
        var selector = Selector.From(set.Spec.Selector);
        var history = new RevisionHistory<StatefulSet>(client, revisions, set, selector, StatefulSetNames.RevisionHash);
        await history.LoadAsync(cancellationToken);
        var candidates = pods.ManagedBy(set.Metadata.Uid!).Concat(pods.Unmanaged(key.Namespace))
            .Where(pod => StatefulPods.OrdinalIn(set, pod.Metadata.Name) is not null);
        var claimed = await new Claims<StatefulSet, Pod>(client, set, selector.Matches).ClaimAsync(candidates, cancellationToken);

        var update = await history.TakeAsync(set.Spec.Template, set.Status.CollisionCount, cancellationToken);
        var current = history.Revisions.Find(revision => revision.Metadata.Name == set.Status.CurrentRevision) ?? update;
        var now = time.GetUtcNow();
        var rollout = new StatefulRollout(set, claimed, current, update, control, claims, now);
        var failure = set.Metadata.DeletionTimestamp is null ? await TryAsync(rollout, cancellationToken) : null;

        var status = StatefulSetStatuses.Calculate(set, rollout.Pods, current, update, history.Collisions, now);
        await WriteStatusAsync(set, status, cancellationToken);
        failure?.Throw();
        await TruncateAsync(set, history, claimed, [status.CurrentRevision, update.Metadata.Name, current.Metadata.Name], cancellationToken);
        return set.Spec.MinReadySeconds is > 0 and var seconds && status.AvailableReplicas != set.Wanted()
            ? Requeue.In(TimeSpan.FromSeconds(seconds)) : Requeue.OnChange;
    }

    /// <summary>Whatever came of it, the status is written before the failure is thrown.</summary>
    private static async Task<ExceptionDispatchInfo?> TryAsync(StatefulRollout rollout, CancellationToken cancellationToken)
    {
        try
        {
            await rollout.RunAsync(cancellationToken);
            return null;
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
        {
            return ExceptionDispatchInfo.Capture(exception);
        }
    }

    private static async Task TruncateAsync(
        StatefulSet set, RevisionHistory<StatefulSet> history, List<Pod> claimed, string?[] inUse, CancellationToken cancellationToken)
    {
        var live = new HashSet<string?>(inUse, StringComparer.Ordinal);
        live.UnionWith(claimed.Select(StatefulPods.RevisionOf));
        await history.TruncateAsync(revision => live.Contains(revision.Metadata.Name), set.Spec.RevisionHistoryLimit ?? 10, cancellationToken);
    }

    private async Task WriteStatusAsync(StatefulSet set, StatefulSetStatus status, CancellationToken cancellationToken)
    {
        if (ModelJson.Same(set.Status, status))
        {
            return;
        }
        try
        {
            await client.UpdateStatusAsync(set with { Status = status }, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            // gone meanwhile
        }
    }
}
