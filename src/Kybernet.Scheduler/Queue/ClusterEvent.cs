using Kybernet.Api;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Queue;

/// <summary>What an event of the cluster is about.</summary>
public enum ClusterResource
{
    /// <summary>A pod that is on a node.</summary>
    AssignedPod,

    /// <summary>A pod that waits to be scheduled, other than the one asked about.</summary>
    UnscheduledPod,

    /// <summary>The waiting pod itself.</summary>
    TargetPod,

    /// <summary>A node.</summary>
    Node,

    /// <summary>A claim for storage.</summary>
    PersistentVolumeClaim,

    /// <summary>A piece of storage.</summary>
    PersistentVolume,

    /// <summary>A kind of storage.</summary>
    StorageClass,

    /// <summary>What CSI drivers say of a node.</summary>
    CsiNode,

    /// <summary>Anything.</summary>
    Any,
}

/// <summary>What happened. Several may have happened at once.</summary>
[Flags]
public enum ClusterActions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It is there.</summary>
    Add = 1,

    /// <summary>It is gone.</summary>
    Delete = 2,

    /// <summary>The node can bear another amount.</summary>
    UpdateNodeAllocatable = 1 << 2,

    /// <summary>The node's labels changed.</summary>
    UpdateNodeLabel = 1 << 3,

    /// <summary>The node's taints, or whether it is cordoned off, changed.</summary>
    UpdateNodeTaint = 1 << 4,

    /// <summary>The node's conditions changed.</summary>
    UpdateNodeCondition = 1 << 5,

    /// <summary>The node's annotations changed.</summary>
    UpdateNodeAnnotation = 1 << 6,

    /// <summary>The pod's labels changed.</summary>
    UpdatePodLabel = 1 << 7,

    /// <summary>The pod asks for less.</summary>
    UpdatePodScaleDown = 1 << 8,

    /// <summary>The pod tolerates more.</summary>
    UpdatePodToleration = 1 << 9,

    /// <summary>The pod's last scheduling gate is gone.</summary>
    UpdatePodSchedulingGatesEliminated = 1 << 10,

    /// <summary>Something else about it changed.</summary>
    UpdateOther = 1 << 11,
}

/// <summary>Something happened that may let a pod be scheduled that could not be.</summary>
/// <param name="Resource">What it is about.</param>
/// <param name="Actions">What happened.</param>
public sealed record ClusterEvent(ClusterResource Resource, ClusterActions Actions)
{
    /// <summary>Wakes every pod, whatever refused it.</summary>
    public static ClusterEvent Everything { get; } = new(ClusterResource.Any, ClusterActions.None);

    /// <summary>The node as it was.</summary>
    public NodeFacts? OldNode { get; init; }

    /// <summary>The node as it is.</summary>
    public NodeFacts? Node { get; init; }

    /// <summary>The pod as it was, or last was where it is gone.</summary>
    public PodFacts? OldPod { get; init; }

    /// <summary>The pod as it is.</summary>
    public PodFacts? Pod { get; init; }

    /// <summary>The name of what is neither a node nor a pod.</summary>
    public NamespacedName Object { get; init; }
}

/// <summary>Says whether an event may let a waiting pod be scheduled.</summary>
/// <param name="waiting">A pod that the plugin refused.</param>
/// <param name="happened">An event that the plugin registered for.</param>
public delegate bool QueueingHint(PodFacts waiting, ClusterEvent happened);

/// <summary>Events that a plugin wants pods to be woken by.</summary>
/// <param name="Resource">What they are about.</param>
/// <param name="Actions">Any of these.</param>
/// <param name="Hint">Which pods they may help; null for all that the plugin refused.</param>
public readonly record struct EventRegistration(ClusterResource Resource, ClusterActions Actions, QueueingHint? Hint = null)
{
    /// <summary>Whether an event is among them.</summary>
    public bool Matches(ClusterEvent happened) =>
        (Resource == ClusterResource.Any || Resource == happened.Resource) && (Actions & happened.Actions) != 0;
}
