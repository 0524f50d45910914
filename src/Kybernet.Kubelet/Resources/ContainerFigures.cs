using Kybernet.Kubelet.Runtime.Cri;

namespace Kybernet.Kubelet.Resources;

/// <summary>What the kernel holds a container to. Different requests and limits can come to the same.</summary>
/// <param name="CpuShares">Its weight.</param>
/// <param name="CpuQuota">Its microseconds of processor a period; 0 for no limit.</param>
/// <param name="MemoryLimit">In bytes; 0 for no limit.</param>
internal readonly record struct ContainerFigures(long CpuShares, long CpuQuota, long MemoryLimit)
{
    public static ContainerFigures Of(LinuxContainerResources resources) =>
        // The kernel's own word for no quota is -1.
        new(resources.CpuShares, Math.Max(resources.CpuQuota, 0), resources.MemoryLimitInBytes);

    /// <summary>What a cgroup is to be held to.</summary>
    public CgroupSettings ToSettings() => new() { CpuShares = CpuShares, CpuQuota = CpuQuota, MemoryLimit = MemoryLimit };
}
