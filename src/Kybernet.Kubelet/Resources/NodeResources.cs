namespace Kybernet.Kubelet.Resources;

/// <summary>What the machine has.</summary>
/// <param name="MilliCpu">Its processors, in thousandths.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="EphemeralStorageBytes">The file system of pods' files.</param>
internal sealed record NodeResources(long MilliCpu, long MemoryBytes, long EphemeralStorageBytes);
