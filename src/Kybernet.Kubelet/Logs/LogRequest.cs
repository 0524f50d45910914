namespace Kybernet.Kubelet.Logs;

/// <summary>Which part of a container's log is wanted, and how.</summary>
internal sealed record LogRequest
{
    /// <summary>Whether to go on as the container writes.</summary>
    public bool Follow { get; init; }

    /// <summary>Only the last so many lines; null for all.</summary>
    public long? TailLines { get; init; }

    /// <summary>Only lines from then on; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Whether each line begins with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>At most so many bytes; null for no bound.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Only <c>stdout</c> or <c>stderr</c>; null for both.</summary>
    public string? Stream { get; init; }
}
