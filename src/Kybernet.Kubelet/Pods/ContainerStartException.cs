namespace Kybernet.Kubelet.Pods;

/// <summary>Thrown where a container cannot be started now. Its status shows reason and message until it can.</summary>
/// <param name="reason">As in <c>ErrImagePull</c>.</param>
/// <param name="message">For people.</param>
/// <param name="retryAfter">When it is worth trying again; null for the pod's usual pace.</param>
internal sealed class ContainerStartException(string reason, string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public string Reason { get; } = reason;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
