using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>The quality of service that follows from what a pod asks for.</summary>
internal static class PodResources
{
    /// <summary><c>Guaranteed</c>, <c>Burstable</c> or <c>BestEffort</c>.</summary>
    public static string QosClass(PodSpec spec)
    {
        if (spec.Resources is { } pod && (HasCompute(pod.Requests) || HasCompute(pod.Limits)))
        {
            return IsGuaranteed(pod) ? "Guaranteed" : "Burstable";
        }
        var hasAny = false;
        var isGuaranteed = true;
        foreach (var list in new[] { spec.InitContainers, spec.Containers })
        {
            foreach (var container in list)
            {
                var resources = container.Resources;
                hasAny |= resources is not null && (HasCompute(resources.Requests) || HasCompute(resources.Limits));
                isGuaranteed &= resources is not null && IsGuaranteed(resources);
            }
        }
        return !hasAny ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable";
    }

    private static bool IsGuaranteed(ResourceRequirements resources) => IsGuaranteed(resources, "cpu") && IsGuaranteed(resources, "memory");

    private static bool IsGuaranteed(ResourceRequirements resources, string name) =>
        resources.Limits.TryGetValue(name, out var limit) && limit.Sign > 0
        && (!resources.Requests.TryGetValue(name, out var request) || request.IsZero || request.CompareTo(limit) == 0);

    private static bool HasCompute(IReadOnlyDictionary<string, Quantity> quantities) =>
        (quantities.TryGetValue("cpu", out var cpu) && cpu.Sign > 0) || (quantities.TryGetValue("memory", out var memory) && memory.Sign > 0);
}
