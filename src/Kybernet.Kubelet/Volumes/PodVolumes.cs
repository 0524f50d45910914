using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Native;
using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Makes a pod's volumes ready, keeps those that show API objects up to date, and takes them away again.</summary>
internal sealed class PodVolumes(PodPaths paths, PayloadBuilder payloads, ServiceAccountTokens tokens, TimeProvider time)
{
    /// <summary>Brings all of a pod's volumes to be as they should; also when they are already there.</summary>
    /// <returns>The folder or file of each volume on the node.</returns>
    /// <exception cref="VolumeException">One of them cannot be made.</exception>
    /// <exception cref="ContainerConfigException">One of them shows an object that is not there.</exception>
    public async Task<IReadOnlyDictionary<string, string>> PrepareAsync(
        Pod pod, PodAddresses addresses, NodeResources node, CancellationToken cancellationToken)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in pod.Spec.Volumes)
        {
            try
            {
                result[volume.Name] = await PrepareAsync(pod, volume, addresses, node, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ContainerConfigException or Client.ApiException)
            {
                throw new VolumeException($"MountVolume.SetUp failed for volume \"{volume.Name}\" : {exception.Message}", exception);
            }
        }
        return result;
    }

    /// <summary>Unmounts and removes a pod's volumes.</summary>
    public void Remove(string uid)
    {
        tokens.Forget(uid);
        var volumes = paths.Volumes(uid);
        if (!Directory.Exists(volumes))
        {
            return;
        }
        foreach (var plugin in Directory.EnumerateDirectories(volumes))
        {
            foreach (var volume in Directory.EnumerateDirectories(plugin))
            {
                LinuxCalls.UnmountIfMounted(volume);
            }
        }
        Directory.Delete(volumes, recursive: true);
    }

    private async Task<string> PrepareAsync(Pod pod, Volume volume, PodAddresses addresses, NodeResources node, CancellationToken cancellationToken)
    {
        var uid = pod.Metadata.Uid ?? "";
        if (volume.HostPath is { } host)
        {
            HostPathCheck.Ensure(host);
            return host.Path;
        }
        if (volume.EmptyDir is { } empty)
        {
            return PrepareEmptyDir(pod, volume, empty);
        }
        if (await payloads.BuildAsync(pod, volume, addresses, node, cancellationToken) is { } files)
        {
            var plugin = volume.ConfigMap is not null ? "configmap" : volume.Secret is not null ? "secret" : volume.DownwardAPI is not null ? "downward-api" : "projected";
            var folder = paths.Volume(uid, plugin, volume.Name);
            // ConfigMaps alone may lie on disk: the others hold, or may hold, what must never reach it.
            MakeFolder(folder, volume.ConfigMap is null);
            var group = pod.Spec.SecurityContext?.FsGroup;
            AtomicWriter.Write(folder, WithGroupReadable(files, group), group, time.GetUtcNow());
            return folder;
        }
        throw new VolumeException($"failed to get Plugin from volumeSpec for volume \"{volume.Name}\" err=no volume plugin matched");
    }

    private string PrepareEmptyDir(Pod pod, Volume volume, EmptyDirVolumeSource source)
    {
        const UnixFileMode everyone = (UnixFileMode)0b111_111_111;
        var folder = paths.Volume(pod.Metadata.Uid ?? "", "empty-dir", volume.Name);
        if (Directory.Exists(folder))
        {
            return folder;
        }
        Directory.CreateDirectory(folder);
        if (source.Medium == "Memory")
        {
            LinuxCalls.MountTmpfs(folder, source.SizeLimit?.ToInt64(), isExecutable: true);
        }
        if (pod.Spec.SecurityContext?.FsGroup is { } group)
        {
            LinuxCalls.ChangeOwner(folder, -1, group);
            File.SetUnixFileMode(folder, everyone | UnixFileMode.SetGroup);
            return folder;
        }
        File.SetUnixFileMode(folder, everyone);
        return folder;
    }

    private static void MakeFolder(string folder, bool inMemory)
    {
        if (Directory.Exists(folder))
        {
            return;
        }
        Directory.CreateDirectory(folder);
        if (inMemory)
        {
            LinuxCalls.MountTmpfs(folder, null, isExecutable: false);
        }
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
    }

    // The pod's group reads what its owner reads.
    private static Dictionary<string, PayloadFile> WithGroupReadable(Dictionary<string, PayloadFile> files, long? group)
    {
        const int groupRead = 0b000_100_000;
        return group is null ? files : files.ToDictionary(file => file.Key, file => file.Value with { Mode = file.Value.Mode | groupRead }, StringComparer.Ordinal);
    }
}
