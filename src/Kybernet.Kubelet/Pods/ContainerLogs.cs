using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>The files that a container's output is in.</summary>
internal static class ContainerLogs
{
    /// <summary>Removes what an instance wrote.</summary>
    public static void Remove(PodPaths paths, PodIdentity pod, ContainerRecord container)
    {
        File.Delete(paths.ContainerLogLink(pod.Namespace, pod.Name, container.Name, container.Id));
        var folder = Path.GetDirectoryName(container.LogPath);
        if (folder is null || !Directory.Exists(folder))
        {
            return;
        }
        // The rotated ones carry the current one's name as a prefix.
        foreach (var file in Directory.EnumerateFiles(folder, Path.GetFileName(container.LogPath) + "*"))
        {
            File.Delete(file);
        }
    }
}
