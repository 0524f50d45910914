using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Eviction;

/// <summary>A pod and what it uses.</summary>
internal sealed record PodConsumption(Pod Pod, IReadOnlyList<ContainerUsage> Containers)
{
    private const int SystemCriticalPriority = 2_000_000_000;

    /// <summary>What its containers' logs take on the disk, by container.</summary>
    public IReadOnlyDictionary<string, long> LogBytes { get; init; } = new Dictionary<string, long>();

    /// <summary>What its volumes take that are on the node's disk.</summary>
    public long VolumeBytes { get; init; }

    /// <summary>How many processes and threads it has.</summary>
    public long Processes { get; init; }

    /// <summary>Whether containers' own files are on another disk than its logs and volumes.</summary>
    public bool IsImageDiskSeparate { get; init; }

    /// <summary>Whether the node would be worse off without it.</summary>
    public bool IsCritical => IsCriticalPod(Pod);

    /// <summary>Whether the node would be worse off without a pod.</summary>
    public static bool IsCriticalPod(Pod pod) => pod.Spec.Priority >= SystemCriticalPriority || StaticPods.StaticPodAnnotations.IsStatic(pod);

    /// <summary>What a container uses of memory or disk.</summary>
    public long UsageOf(ContainerUsage container, string resource) => resource switch
    {
        "memory" => (long)container.WorkingSetBytes,
        "ephemeral-storage" => (long)container.RootFilesystemBytes + LogBytes.GetValueOrDefault(container.Name),
        _ => 0,
    };

    /// <summary>What of a container counts towards its limit of disk.</summary>
    public long StorageOf(ContainerUsage container) =>
        LogBytes.GetValueOrDefault(container.Name) + (IsImageDiskSeparate ? 0 : (long)container.RootFilesystemBytes);

    /// <summary>What it uses of what a signal is about.</summary>
    public long Usage(EvictionSignal signal) => signal.Resource switch
    {
        "memory" => Containers.Sum(static container => (long)container.WorkingSetBytes),
        "pids" => Processes,
        "inodes" => Containers.Sum(static container => (long)container.RootFilesystemInodes),
        _ => (IsImageDiskSeparate && !signal.IsOfImages ? 0 : Containers.Sum(static container => (long)container.RootFilesystemBytes))
            + (IsImageDiskSeparate && signal.IsOfImages ? 0 : LogBytes.Values.Sum() + VolumeBytes),
    };

    /// <summary>What it asked for of a resource.</summary>
    public long Request(string resource) => Pod.Spec.Containers.Sum(container => ContainerResources.Whole(container.Resources?.Requests, resource));
}
