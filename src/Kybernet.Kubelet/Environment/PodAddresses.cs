namespace Kybernet.Kubelet.Environment;

/// <summary>The addresses that a pod's containers may be told of.</summary>
/// <param name="Pod">The pod's, the primary one first.</param>
/// <param name="Host">The node's, the primary one first.</param>
internal sealed record PodAddresses(IReadOnlyList<string> Pod, IReadOnlyList<string> Host);
