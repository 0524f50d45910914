using System.Collections.Concurrent;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Native;
using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Makes a pod's volumes ready, keeps those that show API objects up to date, and takes them away again.</summary>
internal sealed class PodVolumes(PodPaths paths, ClaimResolver claims, ServiceAccountTokens tokens, IReadOnlyList<IVolumePlugin> plugins)
{
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, MountedVolume>> _ready = new(StringComparer.Ordinal);

    /// <summary>A pod's volumes by their names, as they were last made ready.</summary>
    public IReadOnlyDictionary<string, MountedVolume> Of(string podUid) => _ready.TryGetValue(podUid, out var volumes) ? volumes : new Dictionary<string, MountedVolume>();

    /// <summary>Brings all of a pod's volumes to be as they should; also when they are already there.</summary>
    /// <returns>The volumes by their names.</returns>
    /// <exception cref="VolumeException">One of them cannot be made.</exception>
    public async Task<IReadOnlyDictionary<string, MountedVolume>> PrepareAsync(
        Pod pod, PodAddresses addresses, NodeResources node, CancellationToken cancellationToken)
    {
        var result = new Dictionary<string, MountedVolume>(StringComparer.Ordinal);
        foreach (var volume in pod.Spec.Volumes)
        {
            var persistent = await claims.FindAsync(pod, volume, cancellationToken);
            try
            {
                var request = new VolumeRequest(pod, volume, addresses, node) { PersistentVolume = persistent };
                result[volume.Name] = await SetUpAsync(request, cancellationToken);
            }
            catch (Exception exception)
                when (exception is IOException or UnauthorizedAccessException or ContainerConfigException or VolumeException or ApiException or ApiUnavailableException)
            {
                var name = persistent?.Metadata.Name ?? volume.Name;
                throw new VolumeException($"MountVolume.SetUp failed for volume \"{name}\" : {exception.Message}", exception);
            }
        }
        return _ready[pod.Metadata.Uid ?? ""] = result;
    }

    /// <summary>Unmounts and removes a pod's volumes.</summary>
    public async Task RemoveAsync(string uid, CancellationToken cancellationToken)
    {
        tokens.Forget(uid);
        _ready.TryRemove(uid, out _);
        // Parts of a volume are mounted from it, and keep it busy.
        Remove(paths.SubPaths(uid));
        foreach (var plugin in plugins)
        {
            await plugin.TearDownAsync(uid, cancellationToken);
        }
        Remove(paths.Volumes(uid));
    }

    private static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (var mount in MountTable.Inside(folder))
        {
            LinuxCalls.UnmountIfMounted(mount);
        }
        // What is still mounted is not the pod's own: removing it would empty a disk of somebody else.
        if (MountTable.Inside(folder) is [var left, ..])
        {
            throw new IOException($"{left} is still mounted");
        }
        Directory.Delete(folder, recursive: true);
    }

    private async Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            if (plugin.Supports(request))
            {
                return await plugin.SetUpAsync(request, cancellationToken);
            }
        }
        throw new VolumeException("no volume plugin matched");
    }
}
