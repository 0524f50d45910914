using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Resources;

/// <summary>
/// The cgroups that pods' containers live in: <c>kubepods/[burstable|besteffort/]pod&lt;uid&gt;</c>, on cgroup v2 and on v1 with a mount for each
/// controller. Those of the containers are the runtime's.
/// </summary>
internal sealed class PodCgroups(KubeletOptions options, string mountPoint)
{
    private const string Root = "kubepods";
    private const string Unlimited = "max";
    private static readonly string[] Controllers = ["cpu", "memory", "pids"];

    private readonly bool _isUnified = File.Exists(Path.Combine(mountPoint, "cgroup.controllers"));

    /// <summary>A pod's cgroup, from the root of the hierarchy.</summary>
    public string PathOf(Pod pod) => PathOf(QosClass.Of(pod), pod.Metadata.Uid ?? "");

    /// <summary>Makes a pod's cgroup, with what its containers may use together; leaves one that is there as it is.</summary>
    public void Create(Pod pod)
    {
        var path = PathOf(pod);
        if (_isUnified)
        {
            if (!Directory.Exists(Unified(path)))
            {
                MakeUnified(path);
                Hold(pod);
                LimitProcesses(Unified(path));
            }
            return;
        }
        if (Directory.Exists(Of("cpu", path)))
        {
            return;
        }
        foreach (var controller in Controllers)
        {
            if (Directory.Exists(Path.Combine(mountPoint, controller)))
            {
                Directory.CreateDirectory(Of(controller, path));
            }
        }
        Hold(pod);
        LimitProcesses(Of("pids", path));
    }

    /// <summary>Holds a pod's cgroup to what its containers may use together.</summary>
    /// <exception cref="IOException">The kernel refused: its containers have more.</exception>
    public void Hold(Pod pod) => Write(pod, PodFigures.Of(pod));

    /// <summary>Gives a pod's cgroup room for what its containers had and for what they will have.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public void Widen(Pod pod)
    {
        Create(pod);
        var (wanted, path) = (PodFigures.Of(pod), PathOf(pod));
        var (quota, memory) = _isUnified ? (ReadQuota(path), Read(Unified(path), "memory.max")) :
            (Read(Of("cpu", path), "cpu.cfs_quota_us"), Read(Of("memory", path), "memory.limit_in_bytes"));
        Write(pod, wanted with { CpuQuota = Wider(quota, wanted.CpuQuota), MemoryLimit = Wider(memory, wanted.MemoryLimit) });
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

    private void LimitProcesses(string folder)
    {
        if (options.PodPidsLimit > 0 && Directory.Exists(folder))
        {
            Write(folder, "pids.max", Text(options.PodPidsLimit));
        }
    }

    private void Write(Pod pod, ContainerFigures figures)
    {
        var path = PathOf(pod);
        if (_isUnified)
        {
            Write(Unified(path), "cpu.weight", Text(CgroupValues.Weight(figures.CpuShares)));
            Write(Unified(path), "cpu.max", $"{(figures.CpuQuota > 0 ? Text(figures.CpuQuota) : Unlimited)} {CgroupValues.CpuPeriod}");
            Write(Unified(path), "memory.max", figures.MemoryLimit > 0 ? Text(figures.MemoryLimit) : Unlimited);
            return;
        }
        Write(Of("cpu", path), "cpu.shares", Text(figures.CpuShares));
        Write(Of("cpu", path), "cpu.cfs_period_us", Text(CgroupValues.CpuPeriod));
        Write(Of("cpu", path), "cpu.cfs_quota_us", figures.CpuQuota > 0 ? Text(figures.CpuQuota) : "-1");
        Write(Of("memory", path), "memory.limit_in_bytes", figures.MemoryLimit > 0 ? Text(figures.MemoryLimit) : "-1");
    }

    // Of two limits; 0 is none.
    private static long Wider(long left, long right) => left == 0 || right == 0 ? 0 : Math.Max(left, right);

    // "max 100000", or a number in place of the word.
    private long ReadQuota(string path) =>
        long.TryParse(File.ReadAllText(Path.Combine(Unified(path), "cpu.max")).Split(' ')[0], out var quota) ? quota : 0;

    // 0 for no limit, which the kernel spells as a word, as -1, or as more than there can be.
    private static long Read(string folder, string file) =>
        long.TryParse(File.ReadAllText(Path.Combine(folder, file)), out var value) && value is > 0 and < long.MaxValue / 2 ? value : 0;

    private string Of(string controller, string path) => Path.Combine(mountPoint, controller) + path;

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
}
