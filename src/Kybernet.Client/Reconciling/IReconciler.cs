using Kybernet.Api;

namespace Kybernet.Client;

/// <summary>
/// Brings what a key names closer to what is wanted. Level-triggered: it may run at any time, twice, or late, looks at the world afresh each time,
/// and never runs twice at once for the same key. Who throws is run again after a back-off.
/// </summary>
public interface IReconciler
{
    /// <summary>Looks at what the key names and acts.</summary>
    /// <returns>When to look again though nothing changed.</returns>
    Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken);
}

/// <summary>When a reconciler wants to run again for a key.</summary>
public readonly record struct Requeue
{
    private Requeue(TimeSpan? delay) => Delay = delay;

    /// <summary>Only when something changes.</summary>
    public static Requeue OnChange => default;

    /// <summary>How long to wait; null to wait for a change.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>After some time, or earlier when something changes.</summary>
    public static Requeue In(TimeSpan delay) => new(delay);
}
