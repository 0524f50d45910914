using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Stats;

/// <summary>What the node and its containers had used at a moment.</summary>
/// <param name="At">The moment.</param>
/// <param name="NodeCpuNanoseconds">Processor time of the whole machine since it started.</param>
/// <param name="Containers">The running containers.</param>
internal sealed record UsageSample(DateTimeOffset At, ulong NodeCpuNanoseconds, IReadOnlyList<ContainerUsage> Containers)
{
    /// <summary>The sample that rates are taken against; null where there is none yet.</summary>
    public UsageSample? Before { get; init; }

    /// <summary>How many nanoseconds of processor time the machine uses in a second; null where that is not known yet.</summary>
    public ulong? NodeNanoCores => Before is { } before ? Rate(before.NodeCpuNanoseconds, NodeCpuNanoseconds, At - before.At) : null;

    /// <summary>How many nanoseconds of processor time a container uses in a second; null where that is not known yet.</summary>
    public ulong? NanoCoresOf(ContainerUsage container)
    {
        foreach (var earlier in Before?.Containers ?? [])
        {
            if (earlier.Id == container.Id)
            {
                return Rate(earlier.CpuNanoseconds, container.CpuNanoseconds, container.Timestamp - earlier.Timestamp);
            }
        }
        return null;
    }

    private static ulong? Rate(ulong from, ulong to, TimeSpan time) => time > TimeSpan.Zero && to >= from ? (ulong)((to - from) / time.TotalSeconds) : null;
}
