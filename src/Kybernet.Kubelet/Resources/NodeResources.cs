namespace Kybernet.Kubelet.Resources;

/// <summary>What the machine has.</summary>
/// <param name="MilliCpu">Its processors, in thousandths.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="EphemeralStorageBytes">The file system of pods' files.</param>
internal sealed record NodeResources(long MilliCpu, long MemoryBytes, long EphemeralStorageBytes)
{
    /// <summary>The part of the memory that pods may have.</summary>
    public long AllocatableMemoryBytes { get; init; } = MemoryBytes;

    /// <summary>The part of the memory that is not kept for the system: what pods may have, and what is never given out lest pods be evicted.</summary>
    public long UnreservedMemoryBytes { get; init; } = MemoryBytes;

    /// <summary>The part of the file system of pods' files that pods may have.</summary>
    public long AllocatableStorageBytes { get; init; } = EphemeralStorageBytes;

    /// <summary>The part of the processors that pods may have, in thousandths.</summary>
    public long AllocatableMilliCpu { get; init; } = MilliCpu;
}
