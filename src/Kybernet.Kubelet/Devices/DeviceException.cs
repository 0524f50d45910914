namespace Kybernet.Kubelet.Devices;

/// <summary>Thrown where devices cannot be had.</summary>
internal sealed class DeviceException(string message, Exception? inner = null) : Exception(message, inner);
