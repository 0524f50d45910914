using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Resources;

/// <summary>
/// The cgroups that pods' containers live in: <c>kubepods/[burstable|besteffort/]pod&lt;uid&gt;</c>, on cgroup v2 and on v1 with a mount for each
/// controller. Those of the containers are the runtime's.
/// </summary>
internal sealed class PodCgroups(KubeletOptions options, string mountPoint)
{
    private const string Root = "kubepods";
    private static readonly string[] Controllers = ["cpu", "memory", "pids"];

    private readonly bool _isUnified = File.Exists(Path.Combine(mountPoint, "cgroup.controllers"));

    /// <summary>A pod's cgroup, from the root of the hierarchy.</summary>
    public string PathOf(Pod pod) => PathOf(QosClass.Of(pod), pod.Metadata.Uid ?? "");

    /// <summary>Makes a pod's cgroup, with what its containers may use together.</summary>
    public void Create(Pod pod)
    {
        var path = PathOf(pod);
        var (requests, limits) = Sum(pod);
        var shares = CgroupValues.Shares(requests.MilliCpu);
        if (_isUnified)
        {
            MakeUnified(path);
            Write(Unified(path), "cpu.weight", Text(CgroupValues.Weight(shares)));
            if (limits.MilliCpu > 0)
            {
                Write(Unified(path), "cpu.max", $"{CgroupValues.Quota(limits.MilliCpu)} {CgroupValues.CpuPeriod}");
            }
            if (limits.Memory > 0)
            {
                Write(Unified(path), "memory.max", Text(limits.Memory));
            }
            if (options.PodPidsLimit > 0)
            {
                Write(Unified(path), "pids.max", Text(options.PodPidsLimit));
            }
            return;
        }
        foreach (var controller in Controllers)
        {
            if (Directory.Exists(Path.Combine(mountPoint, controller)))
            {
                Directory.CreateDirectory(Path.Combine(mountPoint, controller) + path);
            }
        }
        var cpu = Path.Combine(mountPoint, "cpu") + path;
        Write(cpu, "cpu.shares", Text(shares));
        if (limits.MilliCpu > 0)
        {
            Write(cpu, "cpu.cfs_period_us", Text(CgroupValues.CpuPeriod));
            Write(cpu, "cpu.cfs_quota_us", Text(CgroupValues.Quota(limits.MilliCpu)));
        }
        if (limits.Memory > 0)
        {
            Write(Path.Combine(mountPoint, "memory") + path, "memory.limit_in_bytes", Text(limits.Memory));
        }
        if (options.PodPidsLimit > 0 && Directory.Exists(Path.Combine(mountPoint, "pids") + path))
        {
            Write(Path.Combine(mountPoint, "pids") + path, "pids.max", Text(options.PodPidsLimit));
        }
    }

    /// <summary>Removes the cgroups of a pod of which nothing runs any more, whatever class it was.</summary>
    public void Remove(string uid)
    {
        foreach (var qos in (string[])[QosClass.Guaranteed, QosClass.Burstable, QosClass.BestEffort])
        {
            var path = PathOf(qos, uid);
            if (_isUnified)
            {
                RemoveTree(Unified(path));
                continue;
            }
            foreach (var controller in Directory.EnumerateDirectories(mountPoint))
            {
                // cpu,cpuacct and its like are one hierarchy under several names: the second time there is nothing left.
                RemoveTree(controller + path);
            }
        }
    }

    private string PathOf(string qos, string uid)
    {
        var parent = qos switch { QosClass.Guaranteed => "", QosClass.Burstable => "/burstable", _ => "/besteffort" };
        return $"{options.CgroupRoot}/{Root}{parent}/pod{uid}";
    }

    private static (Amounts Requests, Amounts Limits) Sum(Pod pod)
    {
        // Init containers run one at a time and before the others: the larger of the two sums counts.
        var requests = default(Amounts);
        var limits = default(Amounts);
        var allCpu = true;
        var allMemory = true;
        var initCpu = 0L;
        var initMemory = 0L;
        foreach (var container in PodContainers.InitAndApp(pod))
        {
            var amounts = container.Container.Resources;
            var cpu = ContainerResources.Milli(amounts?.Limits, "cpu");
            var memory = ContainerResources.Whole(amounts?.Limits, "memory");
            allCpu &= cpu > 0;
            allMemory &= memory > 0;
            var request = ContainerResources.Milli(amounts?.Requests, "cpu") is > 0 and var own ? own : cpu;
            if (container.Kind == ContainerKind.Init && !container.IsSidecar)
            {
                initCpu = Math.Max(initCpu, cpu);
                initMemory = Math.Max(initMemory, memory);
                continue;
            }
            requests = new Amounts(requests.MilliCpu + request, 0);
            limits = new Amounts(limits.MilliCpu + cpu, limits.Memory + memory);
        }
        limits = new Amounts(allCpu ? Math.Max(limits.MilliCpu, initCpu) : 0, allMemory ? Math.Max(limits.Memory, initMemory) : 0);
        return (requests, limits);
    }

    private void MakeUnified(string path)
    {
        var folder = mountPoint;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var available = File.ReadAllText(Path.Combine(folder, "cgroup.controllers")).Split(' ', StringSplitOptions.TrimEntries);
            foreach (var controller in Controllers)
            {
                if (available.Contains(controller))
                {
                    Write(folder, "cgroup.subtree_control", "+" + controller);
                }
            }
            folder = Path.Combine(folder, part);
            Directory.CreateDirectory(folder);
        }
    }

    private string Unified(string path) => mountPoint + path;

    private static void RemoveTree(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (var child in Directory.GetDirectories(folder))
        {
            RemoveTree(child);
        }
        // Its files are the kernel's and go with it; only rmdir(2) works.
        Directory.Delete(folder, recursive: false);
    }

    private static void Write(string folder, string file, string value) => File.WriteAllText(Path.Combine(folder, file), value);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Amounts(long MilliCpu, long Memory);
}
