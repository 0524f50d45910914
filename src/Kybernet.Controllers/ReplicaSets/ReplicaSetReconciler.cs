using System.Runtime.ExceptionServices;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.ReplicaSets;

/// <summary>Keeps as many pods of a template as a ReplicaSet asks for.</summary>
internal sealed class ReplicaSetReconciler(
    ApiClient client, ILister<ReplicaSet> sets, ILister<Pod> pods, Expectations expectations, PodControl control, TimeProvider time) : IReconciler
{
    // How many pods are made or deleted in one go; the rest waits for the next.
    private const int MaxBurst = 500;

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (sets.Get(key) is not { } set)
        {
            expectations.Forget(key); // the garbage collector takes its pods
            return Requeue.OnChange;
        }
        // Asked before the pods are read: what is seen between the two would otherwise count as known and be missing all the same.
        var isCacheCurrent = expectations.Satisfied(key);
        var selector = Selector.From(set.Spec.Selector);
        var managed = pods.ManagedBy(set.Metadata.Uid!);
        var candidates = managed.Concat(pods.Unmanaged(key.Namespace)).Where(static pod => pod.IsActive());
        var claimed = await new Claims<ReplicaSet, Pod>(client, set, selector.Matches).ClaimAsync(candidates, cancellationToken);
        var terminating = managed.Count(static pod => pod.Metadata.DeletionTimestamp is not null && !pod.IsTerminal());
        ExceptionDispatchInfo? failure = null;
        if (isCacheCurrent && set.Metadata.DeletionTimestamp is null)
        {
            failure = await CreateMissingOrDeleteSurplusAsync(key, set, claimed, cancellationToken);
        }
        var now = time.GetUtcNow();
        var status = ReplicaSetStatuses.Calculate(set, claimed, terminating, failure?.SourceException, now);
        await WriteStatusAsync(set, status, cancellationToken);
        failure?.Throw();
        return NextAvailability(set, claimed, now) is { } delay ? Requeue.In(delay) : Requeue.OnChange;
    }

    /// <summary>When the next pod that is ready will have been so for long enough.</summary>
    private static TimeSpan? NextAvailability(ReplicaSet set, List<Pod> claimed, DateTimeOffset now)
    {
        TimeSpan? next = null;
        foreach (var pod in claimed)
        {
            if (pod.AvailableIn(set.Spec.MinReadySeconds ?? 0, now) is { } left && left > TimeSpan.Zero && !(left >= next))
            {
                next = left;
            }
        }
        return next;
    }

    private Task<ExceptionDispatchInfo?> CreateMissingOrDeleteSurplusAsync(
        NamespacedName key, ReplicaSet set, List<Pod> claimed, CancellationToken cancellationToken)
    {
        var surplus = claimed.Count - (set.Spec.Replicas ?? 1);
        return surplus switch
        {
            < 0 => CreateAsync(key, set, Math.Min(-surplus, MaxBurst), cancellationToken),
            > 0 => DeleteAsync(key, set, claimed, Math.Min(surplus, MaxBurst), cancellationToken),
            _ => Task.FromResult<ExceptionDispatchInfo?>(null),
        };
    }

    private async Task<ExceptionDispatchInfo?> CreateAsync(NamespacedName key, ReplicaSet set, int count, CancellationToken cancellationToken)
    {
        expectations.ExpectCreations(key, count);
        var pod = PodControl.FromTemplate(set.Spec.Template ?? PodTemplateSpec.Empty, set);
        var (successes, failure) = await SlowStart.RunAsync(count, () => CreateAsync(key, set, pod, cancellationToken));
        for (var missing = count - successes; missing > 0; missing--)
        {
            expectations.CreationObserved(key); // nobody will see what was not made
        }
        return failure;
    }

    private async Task CreateAsync(NamespacedName key, ReplicaSet set, Pod pod, CancellationToken cancellationToken)
    {
        try
        {
            await control.CreateAsync(pod, set, cancellationToken);
        }
        catch (ApiException exception) when (PodControl.IsNamespaceTerminating(exception))
        {
            expectations.CreationObserved(key); // the set itself is about to go: no reason to try again
        }
    }

    private async Task<ExceptionDispatchInfo?> DeleteAsync(
        NamespacedName key, ReplicaSet set, List<Pod> claimed, int count, CancellationToken cancellationToken)
    {
        var chosen = PodDeletionOrder.Choose(claimed, RelatedPods(set), count, time.GetUtcNow());
        expectations.ExpectDeletions(key, chosen.Select(static pod => pod.Metadata.Uid!));
        ExceptionDispatchInfo? first = null;
        await Task.WhenAll(chosen.Select(async pod =>
        {
            try
            {
                if (!await control.DeleteAsync(pod, set, cancellationToken))
                {
                    expectations.DeletionObserved(key, pod.Metadata.Uid!);
                }
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                expectations.DeletionObserved(key, pod.Metadata.Uid!);
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(exception), null);
            }
        }));
        return first;
    }

    /// <summary>The pods of all ReplicaSets that have the same manager: a scale-down spreads what is left of the whole Deployment.</summary>
    private List<Pod> RelatedPods(ReplicaSet set)
    {
        var related = new List<Pod>();
        IReadOnlyList<ReplicaSet> siblings = set.Metadata.Controller() is { } manager ? sets.ManagedBy(manager.Uid) : [set];
        foreach (var sibling in siblings)
        {
            related.AddRange(pods.ManagedBy(sibling.Metadata.Uid!));
        }
        return related;
    }

    private async Task WriteStatusAsync(ReplicaSet set, ReplicaSetStatus status, CancellationToken cancellationToken)
    {
        if (ModelJson.Same(set.Status, status))
        {
            return;
        }
        try
        {
            await client.UpdateStatusAsync(set with { Status = status }, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsConflict)
        {
            // The Deployment controller writes here too. One more try on what is there now; then the back-off.
            if (await client.FindAsync<ReplicaSet>(set.Metadata.Namespace!, set.Metadata.Name!, cancellationToken) is { } fresh && fresh.Metadata.Uid == set.Metadata.Uid)
            {
                await client.UpdateStatusAsync(fresh with { Status = status }, cancellationToken);
            }
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            // gone meanwhile
        }
    }
}
