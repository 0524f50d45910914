using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Resources;

/// <summary>What the kernel holds a pod's containers to together.</summary>
internal static class PodFigures
{
    public static ContainerFigures Of(Pod pod)
    {
        var limits = PodTotals.Limits(pod.Spec);
        return new ContainerFigures(
            CgroupValues.Shares(ContainerResources.Milli(PodTotals.Requests(pod.Spec), "cpu")),
            IsLimited(pod, "cpu") ? CgroupValues.Quota(ContainerResources.Milli(limits, "cpu")) : 0,
            IsLimited(pod, "memory") ? ContainerResources.Whole(limits, "memory") : 0);
    }

    // One container without a limit may use whatever the node has, and so may the pod, unless it is limited itself.
    private static bool IsLimited(Pod pod, string resource) =>
        pod.Spec.Resources?.Limits.ContainsKey(resource) == true
        || PodContainers.InitAndApp(pod).All(container => container.Container.Resources?.Limits is { } limits
            && limits.TryGetValue(resource, out var limit) && !limit.IsZero);
}
