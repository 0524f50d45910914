namespace Kybernet.Cluster;

/// <summary>Something that the person at the terminal can put right. Its message says what, and how; it is printed without a stack trace.</summary>
public sealed class ClusterException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do about it, on a line of its own; empty where the message says enough.</summary>
    public string Hint { get; init; } = "";
}
