using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Eviction;

/// <summary>Finds pods that keep more on the node's disk than they may.</summary>
internal sealed class StorageLimits(PodPaths paths)
{
    private const string Resource = "ephemeral-storage";

    /// <summary>What a pod keeps too much of, in words; null where there is nothing.</summary>
    public string? FindExcess(PodConsumption pod) => ExcessOfVolumes(pod.Pod) ?? ExcessOfContainers(pod);

    private string? ExcessOfVolumes(Pod pod)
    {
        foreach (var volume in pod.Spec.Volumes)
        {
            if (volume.EmptyDir is { SizeLimit: { IsZero: false } limit } && SizeOf(paths.Volume(pod.Metadata.Uid!, "empty-dir", volume.Name)) > limit.ToInt64())
            {
                return EvictionMessages.OfEmptyDir(volume.Name, limit);
            }
        }
        return null;
    }

    private static string? ExcessOfContainers(PodConsumption pod)
    {
        foreach (var usage in pod.Containers)
        {
            if (PodContainers.Find(pod.Pod, usage.Name)?.Container.Resources?.Limits.TryGetValue(Resource, out var limit) == true
                && PodConsumption.UsageOf(usage, Resource) > limit.ToInt64())
            {
                return EvictionMessages.OfContainer(usage.Name, limit);
            }
        }
        return null;
    }

    private static long SizeOf(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var size = 0L;
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", options))
            {
                size += file.Length;
            }
        }
        catch (IOException)
        {
            // What is being removed or was removed takes no space; the next look sees what is left.
        }
        return size;
    }
}
