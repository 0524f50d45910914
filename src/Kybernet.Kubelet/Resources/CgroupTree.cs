using System.Diagnostics;
using System.Globalization;

namespace Kybernet.Kubelet.Resources;

/// <summary>The machine's cgroups: one hierarchy on cgroup v2, one for each controller on v1. Paths begin with a slash, at the root of the hierarchy.</summary>
internal sealed class CgroupTree(string mountPoint)
{
    private static readonly string[] Controllers = ["cpu", "memory", "pids"];

    private readonly bool _isUnified = File.Exists(Path.Combine(mountPoint, "cgroup.controllers"));

    /// <summary>Whether there is such a cgroup.</summary>
    public bool Exists(string path) => Directory.Exists(Folder("cpu", path));

    /// <summary>Makes a cgroup and those that it is in, unless they are there.</summary>
    public void Create(string path)
    {
        if (_isUnified)
        {
            CreateUnified(path);
            return;
        }
        foreach (var controller in Controllers)
        {
            if (Directory.Exists(Path.Combine(mountPoint, controller)))
            {
                Directory.CreateDirectory(Folder(controller, path));
            }
        }
    }

    /// <summary>Holds a cgroup to what it is to be held to. What the kernel has no controller for is left out.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public void Apply(string path, CgroupSettings settings)
    {
        foreach (var (controller, name, value) in _isUnified ? settings.Unified() : settings.Separate())
        {
            var folder = Folder(controller, path);
            if (_isUnified || Directory.Exists(folder))
            {
                File.WriteAllText(Path.Combine(folder, name), value);
            }
        }
    }

    /// <summary>What a cgroup is limited to.</summary>
    public CgroupSettings ReadLimits(string path) => _isUnified
        // "max 100000", or a number in place of the word.
        ? new CgroupSettings { CpuQuota = Limit(Read("cpu", path, "cpu.max").Split(' ')[0]), MemoryLimit = Limit(Read("memory", path, "memory.max")) }
        : new CgroupSettings { CpuQuota = Limit(Read("cpu", path, "cpu.cfs_quota_us")), MemoryLimit = Limit(Read("memory", path, "memory.limit_in_bytes")) };

    /// <summary>How many processes and threads are in a cgroup and those below it; 0 where there is none.</summary>
    public long CountProcesses(string path) =>
        File.Exists(Path.Combine(Folder("pids", path), "pids.current")) && long.TryParse(Read("pids", path, "pids.current"), out var count) ? count : 0;

    /// <summary>Removes a cgroup with those below it, of which nothing runs any more.</summary>
    public void Remove(string path)
    {
        if (_isUnified)
        {
            RemoveFolder(mountPoint + path);
            return;
        }
        foreach (var controller in Directory.EnumerateDirectories(mountPoint))
        {
            // cpu,cpuacct and its like are one hierarchy under several names: the second time there is nothing left.
            RemoveFolder(controller + path);
        }
    }

    /// <summary>Ends whatever is in a cgroup and those below it.</summary>
    public void Kill(string path)
    {
        foreach (var mount in _isUnified ? [mountPoint] : Directory.EnumerateDirectories(mountPoint))
        {
            if (!Directory.Exists(mount + path))
            {
                continue;
            }
            foreach (var list in Directory.EnumerateFiles(mount + path, "cgroup.procs", SearchOption.AllDirectories))
            {
                foreach (var process in File.ReadLines(list))
                {
                    Kill(int.Parse(process, CultureInfo.InvariantCulture));
                }
            }
        }
    }

    private static void Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private string Folder(string controller, string path) => _isUnified ? mountPoint + path : Path.Combine(mountPoint, controller) + path;

    private string Read(string controller, string path, string file) => File.ReadAllText(Path.Combine(Folder(controller, path), file));

    // 0 for no limit, which the kernel spells as a word, as -1, or as more than there can be.
    private static long Limit(string text) => long.TryParse(text, out var value) && value is > 0 and < long.MaxValue / 2 ? value : 0;

    private void CreateUnified(string path)
    {
        var available = File.ReadAllText(Path.Combine(mountPoint, "cgroup.controllers")).Split(' ', StringSplitOptions.TrimEntries);
        var wanted = string.Join(' ', Controllers.Append("cpuset").Where(available.Contains).Select(static controller => "+" + controller));
        var folder = mountPoint;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            // A cgroup has the files of those controllers only that the one above it hands down.
            File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), wanted);
            folder = Path.Combine(folder, part);
            Directory.CreateDirectory(folder);
        }
    }

    private static void RemoveFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (var child in Directory.GetDirectories(folder))
        {
            RemoveFolder(child);
        }
        // Its files are the kernel's and go with it; only rmdir(2) works.
        Directory.Delete(folder, recursive: false);
    }
}
