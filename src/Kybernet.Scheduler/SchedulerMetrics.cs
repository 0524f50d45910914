using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler;

/// <summary>What a scheduler has done since it began. Safe to read at any time.</summary>
public sealed class SchedulerMetrics
{
    private readonly Func<QueueCounts> _queue;
    private long _attempts;
    private long _scheduled;
    private long _unschedulable;
    private long _errors;
    private long _preemptions;

    internal SchedulerMetrics(Func<QueueCounts> queue) => _queue = queue;

    /// <summary>How often a pod was tried.</summary>
    public long Attempts => Interlocked.Read(ref _attempts);

    /// <summary>How many pods were bound.</summary>
    public long Scheduled => Interlocked.Read(ref _scheduled);

    /// <summary>How often a pod fitted nowhere.</summary>
    public long Unschedulable => Interlocked.Read(ref _unschedulable);

    /// <summary>How often something broke.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>How often room was made by evicting pods.</summary>
    public long Preemptions => Interlocked.Read(ref _preemptions);

    /// <summary>How many pods wait, and where.</summary>
    public QueueCounts Queue => _queue();

    internal void CountAttempt() => Interlocked.Increment(ref _attempts);

    internal void CountScheduled() => Interlocked.Increment(ref _scheduled);

    internal void CountUnschedulable() => Interlocked.Increment(ref _unschedulable);

    internal void CountError() => Interlocked.Increment(ref _errors);

    internal void CountPreemption() => Interlocked.Increment(ref _preemptions);
}
