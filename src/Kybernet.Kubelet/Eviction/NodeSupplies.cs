using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Nodes;

namespace Kybernet.Kubelet.Eviction;

/// <summary>How much of a signal's resource there is.</summary>
/// <param name="Available">What is left.</param>
/// <param name="Capacity">What there is.</param>
internal readonly record struct Supply(long Available, long Capacity);

/// <summary>Reads how much is left of what may run out.</summary>
internal sealed class NodeSupplies(Machine machine, ImageFileSystem images)
{
    public async Task<IReadOnlyDictionary<EvictionSignal, Supply>> ReadAsync(CancellationToken cancellationToken)
    {
        var (max, running) = Machine.Processes();
        var supplies = new Dictionary<EvictionSignal, Supply>
        {
            [EvictionSignal.Memory] = new(Machine.AvailableMemory(), machine.MemoryBytes),
            [EvictionSignal.Pids] = new(max - running, max),
        };
        Add(supplies, machine.Disk(), EvictionSignal.NodeDisk, EvictionSignal.NodeInodes);
        if (await images.ReadAsync(cancellationToken) is { } disk)
        {
            Add(supplies, disk, EvictionSignal.ImageDisk, EvictionSignal.ImageInodes);
        }
        return supplies;
    }

    private static void Add(Dictionary<EvictionSignal, Supply> supplies, DiskState disk, EvictionSignal space, EvictionSignal inodes)
    {
        supplies[space] = new Supply(disk.Available, disk.TotalSize);
        supplies[inodes] = new Supply(disk.FreeInodes, disk.TotalInodes);
    }
}
