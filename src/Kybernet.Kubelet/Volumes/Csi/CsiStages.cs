using System.Collections.Concurrent;
using Kybernet.Kubelet.Volumes.Csi.V1;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>
/// The places where volumes are mounted once for all pods of the node. A volume stays there as long as any pod's folder says that it has it, which also
/// holds after a restart of the kubelet.
/// </summary>
internal sealed class CsiStages(PodPaths paths, KubeletOptions options)
{
    // Staged by this kubelet: it need not be said again for every pod.
    private readonly ConcurrentDictionary<string, bool> _staged = new(StringComparer.Ordinal);

    /// <summary>Where a volume is staged.</summary>
    public string PathOf(string driver, string handle) => Path.Combine(FolderOf(driver, handle), "globalmount");

    /// <summary>Has a volume staged, unless it is.</summary>
    /// <param name="client">The way to the driver.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="request">What the driver is told; the path is filled in.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="VolumeException">The driver refused.</exception>
    public async Task EnsureAsync(CsiNodeClient client, CsiVolume volume, NodeStageVolumeRequest request, CancellationToken cancellationToken)
    {
        var path = PathOf(volume.Driver, volume.Handle);
        if (_staged.ContainsKey(path))
        {
            return;
        }
        new VolumeData(volume.Driver, volume.Handle, IsEphemeral: false).Write(FolderOf(volume.Driver, volume.Handle), volume.Handle, options.NodeName);
        Directory.CreateDirectory(path);
        request.StagingTargetPath = path;
        await client.StageAsync(request, cancellationToken);
        _staged[path] = true;
    }

    /// <summary>Ends the staging of a volume that no pod but the one whose folder is named has any more.</summary>
    /// <exception cref="VolumeException">The driver refused.</exception>
    public async Task EndAsync(CsiNodeClient client, VolumeData volume, string podFolder, bool isStaged, CancellationToken cancellationToken)
    {
        var folder = FolderOf(volume.Driver, volume.Handle);
        if (!Directory.Exists(folder) || FoldersOf(volume).Any(other => other != podFolder))
        {
            return;
        }
        var path = PathOf(volume.Driver, volume.Handle);
        if (isStaged)
        {
            await client.UnstageAsync(volume.Handle, path, cancellationToken);
        }
        _staged.TryRemove(path, out _);
        // Not with what is in it: where the driver left its mount, that would be the volume's content.
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }
        VolumeData.Delete(folder);
        Directory.Delete(folder);
    }

    /// <summary>The volumes that pods of the node have, by their unique names: they must not be detached.</summary>
    public IReadOnlyList<string> InUse() =>
        [.. Folders().Select(VolumeData.Read).Where(static volume => volume is { IsEphemeral: false })
            .Select(static volume => $"kubernetes.io/csi/{volume!.Driver}^{volume.Handle}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private string FolderOf(string driver, string handle) =>
        Path.Combine(options.RootDirectory, "plugins", "kubernetes.io", "csi", driver, CsiVolume.Hash(handle));

    private IEnumerable<string> FoldersOf(VolumeData volume) => Folders().Where(folder => VolumeData.Read(folder) is { } other && other.Driver == volume.Driver && other.Handle == volume.Handle);

    private IEnumerable<string> Folders() => !Directory.Exists(paths.Pods) ? [] : Directory.GetDirectories(paths.Pods)
        .Select(pod => paths.VolumesOf(Path.GetFileName(pod), CsiPlugin.Kind))
        .Where(Directory.Exists)
        .SelectMany(Directory.GetDirectories);
}
