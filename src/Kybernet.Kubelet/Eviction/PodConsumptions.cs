using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Stats;

namespace Kybernet.Kubelet.Eviction;

/// <summary>Finds out what pods use.</summary>
internal sealed class PodConsumptions(UsageSampler usage, PodPaths paths, PodCgroups cgroups, ImageFileSystem disk)
{
    /// <summary>What pods use now.</summary>
    /// <param name="pods">The pods.</param>
    /// <param name="isOnDisk">Of which of them it is looked what they keep on the disk, which takes time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<PodConsumption>> ReadAsync(IReadOnlyList<Pod> pods, Func<Pod, bool> isOnDisk, CancellationToken cancellationToken)
    {
        var isSeparate = await disk.IsSeparateAsync(cancellationToken);
        var sample = await usage.ReadAsync(cancellationToken);
        var byPod = sample.Containers.ToLookup(static container => container.Pod.Uid, StringComparer.Ordinal);
        return
        [
            .. pods.Select(pod => new PodConsumption(pod, [.. byPod[pod.Metadata.Uid ?? ""]])
            {
                LogBytes = isOnDisk(pod) ? Logs(pod) : new Dictionary<string, long>(),
                VolumeBytes = isOnDisk(pod) ? Volumes(pod) : 0,
                Processes = cgroups.CountProcesses(pod),
                IsImageDiskSeparate = isSeparate,
            }),
        ];
    }

    private Dictionary<string, long> Logs(Pod pod)
    {
        var folder = paths.PodLogs(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? "", pod.Metadata.Uid ?? "");
        return pod.Spec.Containers.ToDictionary(
            static container => container.Name, container => FolderSize.Of(Path.Combine(folder, container.Name)), StringComparer.Ordinal);
    }

    // Those in memory take nothing of the disk.
    private long Volumes(Pod pod) => pod.Spec.Volumes
        .Where(static volume => volume.EmptyDir is { Medium: null or "" })
        .Sum(volume => FolderSize.Of(paths.Volume(pod.Metadata.Uid ?? "", "empty-dir", volume.Name)));
}
