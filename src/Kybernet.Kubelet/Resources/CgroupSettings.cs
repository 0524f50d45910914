using System.Globalization;

namespace Kybernet.Kubelet.Resources;

/// <summary>What a cgroup is held to; what is null stays as it is.</summary>
internal sealed record CgroupSettings
{
    private const string Unlimited = "max";

    /// <summary>Its weight, on the scale of cgroup v1.</summary>
    public long? CpuShares { get; init; }

    /// <summary>Its microseconds of processor a period; 0 for no limit.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>In bytes; 0 for no limit.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>How many processes and threads there may be.</summary>
    public long? MaxProcesses { get; init; }

    /// <summary>What is to be written, in the words of cgroup v2.</summary>
    public IEnumerable<CgroupFile> Unified()
    {
        if (CpuShares is { } shares)
        {
            yield return new CgroupFile("cpu", "cpu.weight", Text(CgroupValues.Weight(shares)));
        }
        if (CpuQuota is { } quota)
        {
            yield return new CgroupFile("cpu", "cpu.max", $"{OrWord(quota, Unlimited)} {CgroupValues.CpuPeriod}");
        }
        if (MemoryLimit is { } memory)
        {
            yield return new CgroupFile("memory", "memory.max", OrWord(memory, Unlimited));
        }
        if (MaxProcesses is { } processes)
        {
            yield return new CgroupFile("pids", "pids.max", Text(processes));
        }
    }

    /// <summary>What is to be written, in the words of cgroup v1.</summary>
    public IEnumerable<CgroupFile> Separate()
    {
        if (CpuShares is { } shares)
        {
            yield return new CgroupFile("cpu", "cpu.shares", Text(shares));
        }
        if (CpuQuota is { } quota)
        {
            yield return new CgroupFile("cpu", "cpu.cfs_period_us", Text(CgroupValues.CpuPeriod));
            yield return new CgroupFile("cpu", "cpu.cfs_quota_us", OrWord(quota, "-1"));
        }
        if (MemoryLimit is { } memory)
        {
            yield return new CgroupFile("memory", "memory.limit_in_bytes", OrWord(memory, "-1"));
        }
        if (MaxProcesses is { } processes)
        {
            yield return new CgroupFile("pids", "pids.max", Text(processes));
        }
    }

    private static string OrWord(long value, string word) => value > 0 ? Text(value) : word;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A value of a cgroup.</summary>
/// <param name="Controller">Whose it is.</param>
/// <param name="Name">The file.</param>
/// <param name="Value">What is written into it.</param>
internal readonly record struct CgroupFile(string Controller, string Name, string Value);
