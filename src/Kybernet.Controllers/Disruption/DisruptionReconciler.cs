using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Policy.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.Disruption;

/// <summary>Works out how many pods of a budget may be disrupted now; evictions take from that number, and this puts it right again.</summary>
internal sealed class DisruptionReconciler(
    ApiClient client, ILister<PodDisruptionBudget> budgets, ILister<Pod> pods, ExpectedPods expected, IEventRecorder events, TimeProvider time) : IReconciler
{
    private const string Allowed = "DisruptionAllowed";

    // How long a pod that was evicted may take to show that it is being deleted; then the eviction counts as failed.
    private static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (budgets.Get(key) is not { } budget)
        {
            return Requeue.OnChange;
        }
        var selector = Selector.From(budget.Spec.Selector);
        List<Pod> selected = [.. pods.List(key.Namespace).Where(pod => selector.Matches(pod.Metadata.Labels))];
        if (selected.Count == 0)
        {
            events.Record(budget, EventType.Normal, "NoPods", "No matching pods found");
        }
        var now = time.GetUtcNow();
        try
        {
            var (count, healthy) = await TargetAsync(budget, selector, selected, cancellationToken);
            var (disrupted, wait) = Disrupted(budget, selected, now);
            await WriteAsync(budget, Calculate(budget, selected, disrupted, count, healthy, now), cancellationToken);
            return wait is { } delay ? Requeue.In(delay) : Requeue.OnChange;
        }
        catch (Exception exception) when (exception is FormatException or ApiException { IsConflict: false })
        {
            // Safe rather than sorry: nothing may be disrupted while it is not known how much is enough.
            events.Record(budget, EventType.Warning, "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {exception.Message}");
            var status = budget.Status with { DisruptionsAllowed = 0, ObservedGeneration = budget.Metadata.Generation };
            await WriteAsync(budget, With(status, budget, ConditionStatus.False, "SyncFailed", exception.Message, now), cancellationToken);
            throw;
        }
    }

    /// <returns>How many pods there should be, and how many of them healthy.</returns>
    private async Task<(int Expected, int Healthy)> TargetAsync(
        PodDisruptionBudget budget, Selector selector, List<Pod> selected, CancellationToken cancellationToken)
    {
        if (budget.Spec is { MaxUnavailable: null, MinAvailable: null or { IsInt: true } })
        {
            return (selected.Count, budget.Spec.MinAvailable?.IntValue ?? 0);
        }
        var (count, unmanaged) = await expected.CountAsync(selected, cancellationToken);
        if (unmanaged.Count > 0)
        {
            events.Record(
                budget, EventType.Warning, "UnmanagedPods",
                $"Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, the status of the PDB cannot be " +
                "calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB " +
                "to an integer value.");
        }
        return budget.Spec.MaxUnavailable is { } most
            ? (count, Math.Max(0, count - most.Scale(count, roundUp: true)))
            : (count, budget.Spec.MinAvailable!.Value.Scale(count, roundUp: true));
    }

    /// <summary>The pods that were evicted and do not show it yet.</summary>
    private (Dictionary<string, DateTimeOffset> Pods, TimeSpan? Wait) Disrupted(PodDisruptionBudget budget, List<Pod> selected, DateTimeOffset now)
    {
        var disrupted = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        TimeSpan? wait = null;
        foreach (var pod in selected)
        {
            if (pod.Metadata.DeletionTimestamp is not null || !budget.Status.DisruptedPods.TryGetValue(pod.Metadata.Name!, out var since))
            {
                continue;
            }
            var left = since + DeletionTimeout - now;
            if (left <= TimeSpan.Zero)
            {
                events.Record(
                    pod, EventType.Warning, "NotDeleted",
                    $"Pod was expected by PDB {budget.Metadata.Namespace}/{budget.Metadata.Name} to be deleted but it wasn't");
                continue;
            }
            disrupted[pod.Metadata.Name!] = since;
            wait = wait < left ? wait : left;
        }
        return (disrupted, wait);
    }

    private static PodDisruptionBudgetStatus Calculate(
        PodDisruptionBudget budget, List<Pod> selected, Dictionary<string, DateTimeOffset> disrupted, int expected, int wanted, DateTimeOffset now)
    {
        var healthy = selected.Count(pod => pod.Metadata.DeletionTimestamp is null && !disrupted.ContainsKey(pod.Metadata.Name!) && pod.IsReady());
        var allowed = expected > 0 ? Math.Max(0, healthy - wanted) : 0;
        var status = new PodDisruptionBudgetStatus
        {
            CurrentHealthy = healthy,
            DesiredHealthy = wanted,
            ExpectedPods = expected,
            DisruptionsAllowed = allowed,
            DisruptedPods = disrupted,
            ObservedGeneration = budget.Metadata.Generation,
            Conditions = budget.Status.Conditions,
        };
        return allowed > 0
            ? With(status, budget, ConditionStatus.True, "SufficientPods", "", now)
            : With(status, budget, ConditionStatus.False, "InsufficientPods", "", now);
    }

    private static PodDisruptionBudgetStatus With(
        PodDisruptionBudgetStatus status, PodDisruptionBudget budget, string value, string reason, string message, DateTimeOffset now)
    {
        var known = budget.Status.Conditions.FirstOrDefault(static condition => condition.Type == Allowed);
        var condition = new Condition
        {
            Type = Allowed,
            Status = value,
            Reason = reason,
            Message = message,
            ObservedGeneration = budget.Metadata.Generation,
            LastTransitionTime = known?.Status == value ? known.LastTransitionTime : now,
        };
        return status with { Conditions = [.. status.Conditions.Where(static other => other.Type != Allowed), condition] };
    }

    private async Task WriteAsync(PodDisruptionBudget budget, PodDisruptionBudgetStatus status, CancellationToken cancellationToken)
    {
        if (!ModelJson.Same(status, budget.Status))
        {
            await client.UpdateStatusAsync(budget with { Status = status }, cancellationToken);
        }
    }
}
