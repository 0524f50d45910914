using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Cpus;
using Kybernet.Kubelet.Devices;
using Kybernet.Kubelet.Eviction;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Shutdown;

namespace Kybernet.Kubelet.Admission;

/// <summary>What decides what pods get of the node, and whether they get in at all.</summary>
internal sealed class NodeGuards
{
    private const string CgroupMount = "/sys/fs/cgroup";
    private const string CpuFolder = "/sys/devices/system/cpu";

    /// <exception cref="CpuManagerException">Processors cannot be given as configured.</exception>
    public NodeGuards(ILister<Pod> pods, NodeView node, DeviceManager devices, KubeletOptions options)
    {
        Devices = devices;
        Grants = new Grants(pods, node, options);
        Cpus = new CpuManager(options, CpuTopology.Read(CpuFolder), new CpuStateFile(Path.Combine(options.RootDirectory, "cpu_manager_state")));
        Pressure = new NodePressure(EvictionThreshold.Of(options), options.EvictionPressureTransition);
        CgroupTree = new CgroupTree(CgroupMount);
        PodCgroups = new PodCgroups(options, CgroupTree);
        Admission = new PodAdmission(Grants, Cpus, Pressure, Shutdown, new DeviceAllocator(devices));
    }

    public Grants Grants { get; }

    public CpuManager Cpus { get; }

    public DeviceManager Devices { get; }

    public NodePressure Pressure { get; }

    public ShutdownState Shutdown { get; } = new();

    public CgroupTree CgroupTree { get; }

    public PodCgroups PodCgroups { get; }

    public PodAdmission Admission { get; }
}
