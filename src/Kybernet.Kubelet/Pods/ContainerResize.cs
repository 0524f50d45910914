using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>A running container whose resources are others than it was given.</summary>
internal sealed record ContainerToResize(ContainerRecord Record, PodContainer Container);

/// <summary>How a running container gets from the resources that it has to those that it was given.</summary>
internal enum ResizeStep
{
    /// <summary>It has them.</summary>
    None,

    /// <summary>While it runs.</summary>
    InPlace,

    /// <summary>By another instance: it says that it only looks at its resources when it starts.</summary>
    Restart,
}

/// <summary>Compares what a running container has with what it was given.</summary>
internal static class ContainerResize
{
    private const string RestartContainer = "RestartContainer";

    /// <summary>What has to be done.</summary>
    /// <param name="pod">The pod, with what it was given.</param>
    /// <param name="container">The container.</param>
    /// <param name="running">Its instance.</param>
    /// <param name="node">What the node has.</param>
    public static ResizeStep Find(Pod pod, PodContainer container, ContainerRecord running, NodeResources node)
    {
        if (container.Kind == ContainerKind.Ephemeral || running.Figures is not { } figures)
        {
            return ResizeStep.None;
        }
        var wanted = ContainerFigures.Of(ContainerResources.Build(pod, container.Container, node));
        var inForce = InForce(pod, container, running);
        var cpu = (wanted.CpuShares, wanted.CpuQuota) != (figures.CpuShares, figures.CpuQuota);
        var memory = wanted.MemoryLimit != figures.MemoryLimit;
        if ((IsRestartedFor(container, "cpu") && (cpu || Differs(container, inForce, "cpu")))
            || (IsRestartedFor(container, "memory") && (memory || Differs(container, inForce, "memory"))))
        {
            return ResizeStep.Restart;
        }
        return cpu || memory ? ResizeStep.InPlace : ResizeStep.None;
    }

    /// <summary>The resources that an instance was last said to have; null where none was said of it.</summary>
    public static ResourceRequirements? InForce(Pod pod, PodContainer container, ContainerRecord instance)
    {
        var statuses = container.Kind == ContainerKind.Init ? pod.Status.InitContainerStatuses : pod.Status.ContainerStatuses;
        foreach (var status in statuses)
        {
            if (status.Name == container.Name && status.ContainerID == ContainerIds.Of(instance))
            {
                return status.Resources;
            }
        }
        return null;
    }

    private static bool IsRestartedFor(PodContainer container, string resource) =>
        container.Container.ResizePolicy.Any(policy => policy.ResourceName == resource && policy.RestartPolicy == RestartContainer);

    private static bool Differs(PodContainer container, ResourceRequirements? inForce, string resource) => inForce is not null
        && (Amount(container.Container.Resources?.Requests, resource) != Amount(inForce.Requests, resource)
            || Amount(container.Container.Resources?.Limits, resource) != Amount(inForce.Limits, resource));

    private static Quantity? Amount(IReadOnlyDictionary<string, Quantity>? amounts, string resource) =>
        amounts is not null && amounts.TryGetValue(resource, out var amount) ? amount : null;
}
