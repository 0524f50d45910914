namespace Kybernet.Kubelet.Pods;

/// <summary>The conditions of a pod that a kubelet looks after.</summary>
internal static class PodConditionTypes
{
    public const string ReadyToStartContainers = "PodReadyToStartContainers";
    public const string Initialized = "Initialized";
    public const string Ready = "Ready";
    public const string ContainersReady = "ContainersReady";
    public const string Scheduled = "PodScheduled";

    public const string ResizePending = "PodResizePending";
    public const string ResizeInProgress = "PodResizeInProgress";

    /// <summary>Whoever ends a pod before its time says so with it.</summary>
    public const string DisruptionTarget = "DisruptionTarget";

    /// <summary>Whether the kubelet writes it.</summary>
    public static bool IsWritten(string type) => IsOwned(type) || type == DisruptionTarget;

    /// <summary>Whether the kubelet owns it; others belong to others and are left as they are.</summary>
    public static bool IsOwned(string type) =>
        type is ReadyToStartContainers or Initialized or Ready or ContainersReady or Scheduled or ResizePending or ResizeInProgress;
}
