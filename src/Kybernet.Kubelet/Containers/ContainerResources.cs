using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime.Cri;
using Container = Kybernet.Api.Core.V1.Container;

namespace Kybernet.Kubelet.Containers;

/// <summary>A container's requests and limits as the runtime wants them.</summary>
internal static class ContainerResources
{
    private const int NodeCriticalPriority = 2_000_001_000;

    public static LinuxContainerResources Build(Pod pod, Container container, NodeResources node)
    {
        var limits = container.Resources?.Limits;
        var requests = container.Resources?.Requests;
        var cpuLimit = Milli(limits, "cpu");
        // Whoever only says a limit asks for as much.
        var cpuRequest = requests is not null && requests.ContainsKey("cpu") ? Milli(requests, "cpu") : cpuLimit;
        var memoryLimit = Whole(limits, "memory");
        var memoryRequest = requests is not null && requests.ContainsKey("memory") ? Whole(requests, "memory") : memoryLimit;
        return new LinuxContainerResources
        {
            CpuShares = CgroupValues.Shares(cpuRequest),
            CpuPeriod = CgroupValues.CpuPeriod,
            CpuQuota = CgroupValues.Quota(cpuLimit),
            MemoryLimitInBytes = memoryLimit,
            OomScoreAdj = CgroupValues.OomScoreAdjustment(QosClass.Of(pod), pod.Spec.Priority >= NodeCriticalPriority, memoryRequest, node.MemoryBytes),
        };
    }

    /// <summary>Thousandths of an amount; 0 where there is none.</summary>
    public static long Milli(IReadOnlyDictionary<string, Quantity>? amounts, string resource) =>
        amounts is not null && amounts.TryGetValue(resource, out var amount) ? amount.MilliValue : 0;

    /// <summary>An amount in whole units; 0 where there is none.</summary>
    public static long Whole(IReadOnlyDictionary<string, Quantity>? amounts, string resource) =>
        amounts is not null && amounts.TryGetValue(resource, out var amount) ? amount.ToInt64() : 0;
}
