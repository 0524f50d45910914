namespace Kybernet.Testing.Nodes;

/// <summary>What becomes of a pod on a hollow node. Times are the cluster's.</summary>
public sealed record HollowPod
{
    /// <summary>It runs and is ready at once, and goes on until it is deleted.</summary>
    public static HollowPod Runs { get; } = new();

    /// <summary>How long after it came to the node its containers start.</summary>
    public TimeSpan StartsAfter { get; init; }

    /// <summary>How long after they started they are ready; null for never.</summary>
    public TimeSpan? ReadyAfter { get; init; } = TimeSpan.Zero;

    /// <summary>How long after they started they end; null for never. Whether they start again is the pod's <c>restartPolicy</c> to say.</summary>
    public TimeSpan? EndsAfter { get; init; }

    /// <summary>What they end with; 0 for success.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why the containers cannot start, as in <c>ImagePullBackOff</c>; null where they can.</summary>
    public string? StuckIn { get; init; }

    /// <summary>What a container, by its name, has written: what <c>kubectl logs</c> shows.</summary>
    public Func<string, string> Logs { get; init; } = static _ => "";
}
