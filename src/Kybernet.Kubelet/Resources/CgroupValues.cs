namespace Kybernet.Kubelet.Resources;

/// <summary>Turns amounts of processors and memory into the kernel's figures.</summary>
internal static class CgroupValues
{
    /// <summary>The length of a period in microseconds.</summary>
    public const long CpuPeriod = 100_000;

    private const long MinShares = 2;
    private const long MaxShares = 262_144;
    private const long MinQuota = 1000;

    /// <summary>The relative weight of a request.</summary>
    public static long Shares(long milliCpu) => milliCpu == 0 ? MinShares : Math.Clamp(milliCpu * 1024 / 1000, MinShares, MaxShares);

    /// <summary>The microseconds of processor that a limit allows a period; 0 for no limit.</summary>
    public static long Quota(long milliCpu) => milliCpu == 0 ? 0 : Math.Max(milliCpu * CpuPeriod / 1000, MinQuota);

    /// <summary>The same weight on the scale of cgroup v2.</summary>
    public static long Weight(long shares) => 1 + ((shares - MinShares) * 9999 / (MaxShares - MinShares));

    /// <summary>How willingly the kernel kills a container's processes when memory runs out.</summary>
    /// <param name="qosClass">Its pod's class.</param>
    /// <param name="isNodeCritical">Whether its pod is of the highest system priority.</param>
    /// <param name="memoryRequest">What it asks for, in bytes.</param>
    /// <param name="memoryCapacity">What the machine has, in bytes.</param>
    public static long OomScoreAdjustment(string qosClass, bool isNodeCritical, long memoryRequest, long memoryCapacity)
    {
        const long guaranteed = -997;
        const long bestEffort = 1000;
        if (isNodeCritical || qosClass == QosClass.Guaranteed)
        {
            return guaranteed;
        }
        if (qosClass == QosClass.BestEffort)
        {
            return bestEffort;
        }
        // The more of the machine's memory it was promised, the later; always after guaranteed and before best-effort ones.
        return Math.Clamp(1000 - (1000 * memoryRequest / memoryCapacity), 1000 + guaranteed, bestEffort - 1);
    }
}
