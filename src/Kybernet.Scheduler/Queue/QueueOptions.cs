namespace Kybernet.Scheduler.Queue;

/// <summary>How pods wait that could not be scheduled.</summary>
public sealed record QueueOptions
{
    /// <summary>The first back-off; each further one is twice as long. A second by default.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest back-off. Ten seconds by default.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how long an unschedulable pod is tried again though nothing happened. Five minutes by default.</summary>
    public TimeSpan MaxUnschedulable { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether a pod in back-off is tried early when no other waits; never one that waits because something broke. True by default.</summary>
    public bool PopsFromBackoff { get; init; } = true;
}
