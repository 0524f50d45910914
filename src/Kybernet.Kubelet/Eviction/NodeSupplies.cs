using Kybernet.Kubelet.Nodes;

namespace Kybernet.Kubelet.Eviction;

/// <summary>How much of a signal's resource there is.</summary>
/// <param name="Available">What is left.</param>
/// <param name="Capacity">What there is.</param>
internal readonly record struct Supply(long Available, long Capacity);

/// <summary>Reads how much is left of what may run out.</summary>
internal static class NodeSupplies
{
    public static Supply Read(Machine machine, EvictionSignal signal)
    {
        if (signal == EvictionSignal.Memory)
        {
            return new Supply(Machine.AvailableMemory(), machine.MemoryBytes);
        }
        if (signal == EvictionSignal.Pids)
        {
            var (max, running) = Machine.Processes();
            return new Supply(max - running, max);
        }
        var disk = machine.Disk();
        return signal == EvictionSignal.NodeInodes ? new Supply(disk.FreeInodes, disk.TotalInodes) : new Supply(disk.Available, disk.TotalSize);
    }
}
