using System.Runtime.ExceptionServices;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;
using Kybernet.Client;
using Kybernet.Controllers.History;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>Keeps one pod of a DaemonSet on each node that it is meant for.</summary>
internal sealed class DaemonSetReconciler(
    DaemonSetTools tools, ILister<DaemonSet> sets, ILister<Pod> pods, ILister<Node> nodes, ILister<ControllerRevision> revisions) : IReconciler
{
    private const string OnDelete = "OnDelete";

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        tools.Backoff.Sweep();
        if (sets.Get(key) is not { } set)
        {
            tools.Expectations.Forget(key);
            return Requeue.OnChange; // the garbage collector takes its pods
        }
        var selector = Selector.From(set.Spec.Selector);
        if (selector.IsEverything)
        {
            tools.Events.Record(set, EventType.Warning, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
            return Requeue.OnChange;
        }
        if (set.Metadata.DeletionTimestamp is not null)
        {
            return Requeue.OnChange;
        }
        var history = new RevisionHistory<DaemonSet>(tools.Client, revisions, set, selector, DaemonPods.RevisionHash);
        await history.LoadAsync(cancellationToken);
        var revision = await history.TakeAsync(set.Spec.Template, set.Status.CollisionCount, cancellationToken);
        var hash = revision.Metadata.Labels.GetValueOrDefault(DaemonPods.RevisionHash) ?? "";

        // Asked before the pods are read: what is seen between the two would otherwise count as known and be missing all the same.
        var isCacheCurrent = tools.Expectations.Satisfied(key);
        var candidates = pods.ManagedBy(set.Metadata.Uid!).Concat(pods.Unmanaged(key.Namespace));
        var claimed = await new Claims<DaemonSet, Pod>(tools.Client, set, selector.Matches).ClaimAsync(candidates, cancellationToken);
        var rollout = new DaemonRollout(tools, set, hash, nodes.List(), claimed, tools.Time.GetUtcNow());
        var (wait, failure) = isCacheCurrent ? await TryAsync(rollout, cancellationToken) : default;
        var status = DaemonSetStatuses.Calculate(rollout, history.Collisions, isObserved: isCacheCurrent && failure is null);
        await WriteStatusAsync(set, status, cancellationToken);
        failure?.Throw();
        if (isCacheCurrent)
        {
            await history.TruncateAsync(
                known => known.Metadata.Name == revision.Metadata.Name || claimed.Any(pod => IsOf(pod, known)), set.Spec.RevisionHistoryLimit ?? 10, cancellationToken);
        }
        return NextLook(set, status, wait);
    }

    private static bool IsOf(Pod pod, ControllerRevision revision) => pod.IsOf(revision.Metadata.Labels.GetValueOrDefault(DaemonPods.RevisionHash) ?? "");

    private static Requeue NextLook(DaemonSet set, DaemonSetStatus status, TimeSpan? wait)
    {
        if (set.Spec.MinReadySeconds is > 0 and var seconds && status.NumberReady != (status.NumberAvailable ?? 0))
        {
            var availability = TimeSpan.FromSeconds(seconds);
            wait = wait < availability ? wait : availability;
        }
        return wait is { } delay ? Requeue.In(delay) : Requeue.OnChange;
    }

    /// <summary>Whatever came of it, the status is written before the failure is thrown.</summary>
    private async Task<(TimeSpan? Wait, ExceptionDispatchInfo? Failure)> TryAsync(DaemonRollout rollout, CancellationToken cancellationToken)
    {
        var changes = rollout.Manage();
        try
        {
            await changes.ApplyAsync(rollout.Set, rollout.Hash, tools, cancellationToken);
            if (rollout.Set.Spec.UpdateStrategy?.Type != OnDelete && tools.Expectations.Satisfied(rollout.Set.Metadata.Key()))
            {
                await DaemonRollingUpdate.Plan(rollout).ApplyAsync(rollout.Set, rollout.Hash, tools, cancellationToken);
            }
            return (changes.Wait, null);
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
        {
            return (changes.Wait, ExceptionDispatchInfo.Capture(exception));
        }
    }

    private async Task WriteStatusAsync(DaemonSet set, DaemonSetStatus status, CancellationToken cancellationToken)
    {
        if (ModelJson.Same(set.Status, status))
        {
            return;
        }
        try
        {
            await tools.Client.UpdateStatusAsync(set with { Status = status }, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            // gone meanwhile
        }
    }
}
