namespace Kybernet.Kubelet.Cpus;

/// <summary>Processors cannot be given to containers as configured.</summary>
internal sealed class CpuManagerException(string message) : Exception(message);
