using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Queue;

/// <summary>A pod on its way through the queue. Only the queue changes it, under its lock.</summary>
public sealed class QueuedPod
{
    internal enum Place
    {
        None,
        Active,
        Backoff,
        Unschedulable,
        Gated,
        InFlight,
    }

    internal QueuedPod(PodFacts pod, IProfileEvents profile, DateTimeOffset now)
    {
        Pod = pod;
        Profile = profile;
        Since = now;
        FirstSeen = now;
    }

    /// <summary>The pod, as last seen.</summary>
    public PodFacts Pod { get; internal set; }

    /// <summary>When it entered the part of the queue that it is in: among equals, who has waited longer goes first.</summary>
    public DateTimeOffset Since { get; internal set; }

    /// <summary>When it was first seen.</summary>
    public DateTimeOffset FirstSeen { get; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; internal set; }

    internal IProfileEvents Profile { get; }

    internal Place Where { get; set; }

    internal int HeapIndex { get; set; } = -1;

    internal long Sequence { get; set; }

    /// <summary>How often it was refused; what its back-off grows with.</summary>
    internal int Rejections { get; set; }

    /// <summary>How often in a row something broke; what its back-off grows with then.</summary>
    internal int Errors { get; set; }

    /// <summary>The plugins that refused it, by their places in the profile.</summary>
    internal ulong RejectedBy { get; set; }

    internal DateTimeOffset BackoffUntil { get; set; }

    /// <summary>The number of the first event that came after it was popped.</summary>
    internal long EventsFrom { get; set; }
}

/// <summary>What the queue asks of the profile that a pod belongs to.</summary>
internal interface IProfileEvents
{
    /// <summary>The place of the first plugin that keeps the pod from entering the queue; -1 for none.</summary>
    int GateOf(PodFacts pod);

    /// <summary>Whether an event may help a pod that these plugins refused.</summary>
    bool MayHelp(ClusterEvent happened, PodFacts pod, ulong rejectedBy);
}
