using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>
/// What a pod asks of its node. Containers run together and add up; init containers run one after another, so the largest counts, on top of the
/// sidecars that were started before it; what the pod itself asks for replaces the sum; the runtime's overhead comes on top.
/// </summary>
internal static class PodRequests
{
    public static ResourceSum Of(Pod pod, bool withDefaults)
    {
        var statuses = pod.Status.ContainerStatuses;
        var initStatuses = pod.Status.InitContainerStatuses;
        var infeasible = IsResizeInfeasible(pod);
        var total = new ResourceSum();
        foreach (var container in pod.Spec.Containers)
        {
            total.Add(OfContainer(container, statuses, infeasible, withDefaults));
        }
        var sidecars = new ResourceSum();
        var largestInit = new ResourceSum();
        foreach (var container in pod.Spec.InitContainers)
        {
            var request = OfContainer(container, initStatuses, infeasible, withDefaults);
            if (container.RestartPolicy == "Always")
            {
                total.Add(request);
                sidecars.Add(request);
                request = new ResourceSum();
            }
            request.Add(sidecars);
            largestInit.Max(request);
        }
        total.Max(largestInit);
        if (pod.Spec.Resources is { } ofPod)
        {
            foreach (var (name, quantity) in ofPod.Requests)
            {
                if (name is "cpu" or "memory" || name.StartsWith("hugepages-", StringComparison.Ordinal))
                {
                    total.Set(name, quantity);
                }
            }
        }
        if (pod.Spec.Overhead.Count > 0)
        {
            total.Add(ResourceSum.Of(pod.Spec.Overhead, withDefaults: false));
        }
        return total;
    }

    // While a container is being resized, its node has to bear the larger of what is wanted, what was allotted and what is in force.
    private static ResourceSum OfContainer(Container container, IReadOnlyList<ContainerStatus> statuses, bool resizeInfeasible, bool withDefaults)
    {
        var requests = container.Resources?.Requests ?? NoResources;
        foreach (var status in statuses)
        {
            if (status.Name != container.Name || (status.Resources is null && status.AllocatedResources.Count == 0))
            {
                continue;
            }
            var inForce = ResourceSum.Of(status.Resources?.Requests ?? NoResources, withDefaults);
            inForce.Max(ResourceSum.Of(status.AllocatedResources, withDefaults));
            if (!resizeInfeasible)
            {
                inForce.Max(ResourceSum.Of(requests, withDefaults));
            }
            return inForce;
        }
        return ResourceSum.Of(requests, withDefaults);
    }

    private static bool IsResizeInfeasible(Pod pod)
    {
        foreach (var condition in pod.Status.Conditions)
        {
            if (condition is { Type: "PodResizePending", Reason: "Infeasible" })
            {
                return true;
            }
        }
        return false;
    }

    private static IReadOnlyDictionary<string, Quantity> NoResources => System.Collections.Immutable.ImmutableDictionary<string, Quantity>.Empty;
}
