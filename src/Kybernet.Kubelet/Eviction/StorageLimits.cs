using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Eviction;

/// <summary>Finds pods that keep more on the node's disk than they may.</summary>
internal sealed class StorageLimits(PodPaths paths)
{
    private const string Resource = "ephemeral-storage";

    /// <summary>Whether a pod has any limit of that kind.</summary>
    public static bool HasAny(Pod pod) =>
        pod.Spec.Volumes.Any(static volume => volume.EmptyDir is { SizeLimit.IsZero: false })
        || pod.Spec.Containers.Any(static container => container.Resources?.Limits.ContainsKey(Resource) == true);

    /// <summary>What a pod keeps too much of, in words; null where there is nothing.</summary>
    public string? FindExcess(PodConsumption pod) => ExcessOfVolumes(pod.Pod) ?? ExcessOfPod(pod) ?? ExcessOfContainers(pod);

    private string? ExcessOfVolumes(Pod pod)
    {
        foreach (var volume in pod.Spec.Volumes)
        {
            if (volume.EmptyDir is { SizeLimit: { IsZero: false } limit } && FolderSize.Of(paths.Volume(pod.Metadata.Uid!, "empty-dir", volume.Name)) > limit.ToInt64())
            {
                return EvictionMessages.OfEmptyDir(volume.Name, limit);
            }
        }
        return null;
    }

    // Of all its containers together, with its volumes.
    private static string? ExcessOfPod(PodConsumption pod) =>
        PodTotals.Limits(pod.Pod.Spec).TryGetValue(Resource, out var limit)
        && pod.Containers.Sum(pod.StorageOf) + pod.VolumeBytes > limit.ToInt64()
            ? EvictionMessages.OfPod(limit)
            : null;

    private static string? ExcessOfContainers(PodConsumption pod)
    {
        foreach (var usage in pod.Containers)
        {
            if (PodContainers.Find(pod.Pod, usage.Name)?.Container.Resources?.Limits is { } limits
                && limits.TryGetValue(Resource, out var limit) && pod.StorageOf(usage) > limit.ToInt64())
            {
                return EvictionMessages.OfContainer(usage.Name, limit);
            }
        }
        return null;
    }
}
