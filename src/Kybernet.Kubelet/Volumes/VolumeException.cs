namespace Kybernet.Kubelet.Volumes;

/// <summary>Thrown where a volume cannot be made ready; the pod waits and an event says why.</summary>
internal sealed class VolumeException(string message, Exception? inner = null) : Exception(message, inner);
