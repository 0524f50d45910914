using Kybernet.Api.Core.V1;
using Kybernet.Api;
using Kybernet.Kubelet.Devices;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Nodes;

/// <summary>Says in the API's words what the node is and how it is.</summary>
internal sealed class NodeStatusBuilder(KubeletOptions options, Machine machine, DeviceManager devices)
{
    private const int MaxImages = 50;
    private const int MaxImageNames = 5;


    /// <summary>The labels that every node has, and this one's own.</summary>
    public Dictionary<string, string> Labels()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["kubernetes.io/hostname"] = options.NodeName,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = machine.Architecture,
            ["beta.kubernetes.io/os"] = "linux",
            ["beta.kubernetes.io/arch"] = machine.Architecture,
        };
        foreach (var (name, value) in options.NodeLabels)
        {
            labels[name] = value;
        }
        return labels;
    }

    /// <summary>The status that follows on the one that the API server has.</summary>
    public NodeStatus Build(
        NodeStatus old, NodeObservation observation, RuntimeVersion runtime, IReadOnlyList<ImageRecord> images, int port, DateTimeOffset now) => old with
        {
            Addresses =
            [
                new NodeAddress { Type = "InternalIP", Address = options.NodeIP },
                new NodeAddress { Type = "Hostname", Address = options.NodeName },
            ],
            Capacity = Capacity(),
            Allocatable = Allocatable(),
            Conditions = NodeConditions.Build(old.Conditions, observation, now),
            DaemonEndpoints = new NodeDaemonEndpoints { KubeletEndpoint = new DaemonEndpoint { Port = port } },
            Images = Images(images),
            NodeInfo = new NodeSystemInfo
            {
                Architecture = machine.Architecture,
                BootID = machine.BootId,
                ContainerRuntimeVersion = $"{runtime.Name}://{runtime.Version}",
                KernelVersion = machine.KernelVersion,
                KubeProxyVersion = "",
                KubeletVersion = options.Version,
                MachineID = machine.MachineId,
                OperatingSystem = "linux",
                OsImage = machine.OsImage,
                SystemUUID = machine.SystemUuid,
                Swap = machine.SwapBytes > 0 ? new NodeSwapStatus { Capacity = machine.SwapBytes } : null,
            },
            RuntimeHandlers = [new NodeRuntimeHandler { Name = "", Features = Plain() }, new NodeRuntimeHandler { Name = "runc", Features = Plain() }],
        };

    private static NodeRuntimeHandlerFeatures Plain() => new() { RecursiveReadOnlyMounts = false, UserNamespaces = false };

    private Dictionary<string, Quantity> Capacity()
    {
        var disk = machine.Disk();
        var capacity = new Dictionary<string, Quantity>(StringComparer.Ordinal)
        {
            ["cpu"] = new Quantity(machine.Processors),
            ["memory"] = Kibibytes(machine.MemoryBytes),
            ["ephemeral-storage"] = Kibibytes(disk.TotalSize),
            ["pods"] = new Quantity(options.MaxPods),
        };
        foreach (var (resource, bytes) in Machine.HugePages())
        {
            capacity[resource] = new Quantity(bytes, QuantityFormat.BinarySI);
        }
        foreach (var (resource, count, _) in devices.Count())
        {
            capacity[resource] = new Quantity(count);
        }
        return capacity;
    }

    /// <summary>What pods may have.</summary>
    public Dictionary<string, Quantity> Allocatable()
    {
        var allocatable = Capacity();
        var resources = NodeAllocatable.Of(machine, options);
        allocatable["cpu"] = Quantity.FromMilli(resources.AllocatableMilliCpu);
        allocatable["memory"] = Kibibytes(resources.AllocatableMemoryBytes);
        allocatable["ephemeral-storage"] = new Quantity(resources.AllocatableStorageBytes);
        foreach (var (resource, _, count) in devices.Count())
        {
            allocatable[resource] = new Quantity(count);
        }
        return allocatable;
    }

    private static Quantity Kibibytes(long bytes) => new(bytes / 1024 * 1024, QuantityFormat.BinarySI);

    private static ContainerImage[] Images(IReadOnlyList<ImageRecord> images) => images
        .OrderByDescending(image => image.Size)
        .Take(MaxImages)
        .Select(image => new ContainerImage { Names = image.Digests.Concat(image.Tags).Take(MaxImageNames).ToArray(), SizeBytes = image.Size })
        .ToArray();
}
