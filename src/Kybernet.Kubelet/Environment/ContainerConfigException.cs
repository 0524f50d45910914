namespace Kybernet.Kubelet.Environment;

/// <summary>
/// Thrown where a container cannot be put together from what its spec refers to: a ConfigMap that is not there, a user that is not allowed. The
/// container waits with reason <c>CreateContainerConfigError</c> and this message.
/// </summary>
internal sealed class ContainerConfigException(string message) : Exception(message);
