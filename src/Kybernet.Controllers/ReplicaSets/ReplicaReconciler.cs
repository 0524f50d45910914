using System.Runtime.ExceptionServices;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.ReplicaSets;

/// <summary>Keeps as many pods of a template as a ReplicaSet or ReplicationController asks for.</summary>
internal sealed class ReplicaReconciler<TSet>(
    IReplicaKind<TSet> kind, ApiClient client, ILister<TSet> sets, ILister<Pod> pods, Expectations expectations, PodControl control, TimeProvider time)
    : IReconciler
    where TSet : class, IResourceObject<TSet>
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
        var selector = kind.SelectorOf(set);
        var managed = pods.ManagedBy(set.Metadata.Uid!);
        var candidates = managed.Concat(pods.Unmanaged(key.Namespace)).Where(static pod => pod.IsActive());
        var claimed = await new Claims<TSet, Pod>(client, set, selector.Matches).ClaimAsync(candidates, cancellationToken);
        var terminating = managed.Count(static pod => pod.Metadata.DeletionTimestamp is not null && !pod.IsTerminal());
        ExceptionDispatchInfo? failure = null;
        if (isCacheCurrent && set.Metadata.DeletionTimestamp is null)
        {
            failure = await CreateMissingOrDeleteSurplusAsync(key, set, claimed, cancellationToken);
        }
        var now = time.GetUtcNow();
        var status = ReplicaSetStatuses.Calculate(kind.SpecOf(set), kind.StatusOf(set), set.Metadata.Generation, claimed, terminating, failure?.SourceException, now);
        await WriteStatusAsync(set, status, cancellationToken);
        failure?.Throw();
        return NextAvailability(kind.SpecOf(set), claimed, now) is { } delay ? Requeue.In(delay) : Requeue.OnChange;
    }

    /// <summary>When the next pod that is ready will have been so for long enough.</summary>
    private static TimeSpan? NextAvailability(ReplicaSetSpec spec, List<Pod> claimed, DateTimeOffset now)
    {
        TimeSpan? next = null;
        foreach (var pod in claimed)
        {
            if (pod.AvailableIn(spec.MinReadySeconds ?? 0, now) is { } left && left > TimeSpan.Zero && !(left >= next))
            {
                next = left;
            }
        }
        return next;
    }

    private Task<ExceptionDispatchInfo?> CreateMissingOrDeleteSurplusAsync(
        NamespacedName key, TSet set, List<Pod> claimed, CancellationToken cancellationToken)
    {
        var surplus = claimed.Count - (kind.SpecOf(set).Replicas ?? 1);
        return surplus switch
        {
            < 0 => CreateAsync(key, set, Math.Min(-surplus, MaxBurst), cancellationToken),
            > 0 => DeleteAsync(key, set, claimed, Math.Min(surplus, MaxBurst), cancellationToken),
            _ => Task.FromResult<ExceptionDispatchInfo?>(null),
        };
    }

    private async Task<ExceptionDispatchInfo?> CreateAsync(NamespacedName key, TSet set, int count, CancellationToken cancellationToken)
    {
        expectations.ExpectCreations(key, count);
        var pod = PodControl.FromTemplate(kind.SpecOf(set).Template ?? PodTemplateSpec.Empty, set);
        var (successes, failure) = await SlowStart.RunAsync(count, () => CreateAsync(key, set, pod, cancellationToken));
        for (var missing = count - successes; missing > 0; missing--)
        {
            expectations.CreationObserved(key); // nobody will see what was not made
        }
        return failure;
    }

    private async Task CreateAsync(NamespacedName key, TSet set, Pod pod, CancellationToken cancellationToken)
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
        NamespacedName key, TSet set, List<Pod> claimed, int count, CancellationToken cancellationToken)
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
    private List<Pod> RelatedPods(TSet set)
    {
        var related = new List<Pod>();
        IReadOnlyList<TSet> siblings = set.Metadata.Controller() is { } manager ? sets.ManagedBy(manager.Uid) : [set];
        foreach (var sibling in siblings)
        {
            related.AddRange(pods.ManagedBy(sibling.Metadata.Uid!));
        }
        return related;
    }

    private async Task WriteStatusAsync(TSet set, ReplicaSetStatus status, CancellationToken cancellationToken)
    {
        if (ModelJson.Same(kind.StatusOf(set), status))
        {
            return;
        }
        try
        {
            await client.UpdateStatusAsync(kind.WithStatus(set, status), cancellationToken);
        }
        catch (ApiException exception) when (exception.IsConflict)
        {
            // The Deployment controller writes here too. One more try on what is there now; then the back-off.
            if (await client.FindAsync<TSet>(set.Metadata.Namespace!, set.Metadata.Name!, cancellationToken) is { } fresh && fresh.Metadata.Uid == set.Metadata.Uid)
            {
                await client.UpdateStatusAsync(kind.WithStatus(fresh, status), cancellationToken);
            }
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            // gone meanwhile
        }
    }
}
