using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>What a pod's containers ask for together, and the quality of service that follows.</summary>
internal static class PodResources
{
    /// <summary>
    /// The requests of all containers: those that run side by side, sidecars included, add up; an init container runs beside the sidecars that
    /// were started before it, and counts where it needs more than all the rest.
    /// </summary>
    public static IReadOnlyDictionary<string, Quantity> ContainerRequests(PodSpec spec)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Containers)
        {
            Add(total, container.Resources?.Requests ?? Maps.NoQuantities);
        }
        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var highest = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.InitContainers)
        {
            var requests = container.Resources?.Requests ?? Maps.NoQuantities;
            if (container.RestartPolicy == "Always")
            {
                Add(total, requests);
                Add(sidecars, requests);
                Raise(highest, sidecars);
                continue;
            }
            var needed = new Dictionary<string, Quantity>(sidecars, StringComparer.Ordinal);
            Add(needed, requests);
            Raise(highest, needed);
        }
        Raise(total, highest);
        return total;
    }

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

    private static void Add(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, Quantity> more)
    {
        foreach (var (name, quantity) in more)
        {
            total[name] = total.TryGetValue(name, out var current) ? current + quantity : quantity;
        }
    }

    private static void Raise(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, Quantity> floor)
    {
        foreach (var (name, quantity) in floor)
        {
            if (!total.TryGetValue(name, out var current) || quantity > current)
            {
                total[name] = quantity;
            }
        }
    }
}
