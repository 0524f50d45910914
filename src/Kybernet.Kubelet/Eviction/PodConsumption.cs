using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Eviction;

/// <summary>A pod and what its containers use.</summary>
internal sealed record PodConsumption(Pod Pod, IReadOnlyList<ContainerUsage> Containers)
{
    private const int SystemCriticalPriority = 2_000_000_000;

    /// <summary>Whether the node would be worse off without it.</summary>
    public bool IsCritical => Pod.Spec.Priority >= SystemCriticalPriority || StaticPods.StaticPodAnnotations.IsStatic(Pod);

    /// <summary>What a container uses of a resource.</summary>
    public static long UsageOf(ContainerUsage container, string resource) => resource switch
    {
        "memory" => (long)container.WorkingSetBytes,
        "ephemeral-storage" => (long)container.RootFilesystemBytes,
        "inodes" => (long)container.RootFilesystemInodes,
        _ => 0,
    };

    /// <summary>What it uses of a resource.</summary>
    public long Usage(string resource) => Containers.Sum(container => UsageOf(container, resource));

    /// <summary>What it asked for of a resource.</summary>
    public long Request(string resource) => Pod.Spec.Containers.Sum(container => ContainerResources.Whole(container.Resources?.Requests, resource));
}
