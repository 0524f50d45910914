using Kybernet.Api;
using Kybernet.Kubelet.Cpus;
using Kybernet.Kubelet.Eviction;
using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Nodes;

/// <summary>What of the machine pods may have: what is kept for the system, and what is never given out lest pods be evicted, is not among it.</summary>
internal static class NodeAllocatable
{
    public static NodeResources Of(Machine machine, KubeletOptions options)
    {
        var disk = machine.Disk().TotalSize;
        var memory = machine.MemoryBytes - Reserved(options, "memory").ToInt64();
        return new NodeResources(machine.Processors * 1000L, machine.MemoryBytes, disk)
        {
            AllocatableMilliCpu = (machine.Processors * 1000L) - ReservedMilliCpu(options),
            UnreservedMemoryBytes = memory,
            AllocatableMemoryBytes = memory - Kept(options, EvictionSignal.Memory, machine.MemoryBytes),
            AllocatableStorageBytes = disk - Reserved(options, "ephemeral-storage").ToInt64() - Kept(options, EvictionSignal.NodeDisk, disk),
        };
    }

    /// <summary>How much of the processors is kept for the system, in thousandths: those that are named, or an amount.</summary>
    public static long ReservedMilliCpu(KubeletOptions options) =>
        options.ReservedCpus.Length > 0 ? CpuSet.Parse(options.ReservedCpus).Count * 1000L : Reserved(options, "cpu").MilliValue;

    private static Quantity Reserved(KubeletOptions options, string resource) => Amount(options.SystemReserved, resource) + Amount(options.KubeReserved, resource);

    private static Quantity Amount(IReadOnlyDictionary<string, string> amounts, string resource) =>
        amounts.TryGetValue(resource, out var text) ? Quantity.Parse(text) : Quantity.Zero;

    private static long Kept(KubeletOptions options, EvictionSignal signal, long capacity) =>
        EvictionThreshold.Of(options).FirstOrDefault(threshold => threshold.Signal == signal && threshold.Grace is null)?.Amount.Of(capacity) ?? 0;
}
