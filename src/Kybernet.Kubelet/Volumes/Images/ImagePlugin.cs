namespace Kybernet.Kubelet.Volumes.Images;

/// <summary>
/// Volumes that show an image's files. Here they only get their folder: which image it is turns out when it is pulled, once the pod's sandbox is there,
/// by <see cref="ImageVolumes"/>.
/// </summary>
internal sealed class ImagePlugin(PodPaths paths, IImageMounts mounts) : IVolumePlugin
{
    /// <summary>What kind of volume it is in paths.</summary>
    public const string Kind = "image";

    public bool Supports(VolumeRequest request) => request.Volume.Image is not null;

    public Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var folder = paths.Volume(request.PodUid, Kind, request.FolderName);
        Directory.CreateDirectory(folder);
        return Task.FromResult(new MountedVolume(folder) { IsReadOnly = true });
    }

    public async Task TearDownAsync(string podUid, CancellationToken cancellationToken)
    {
        var all = paths.VolumesOf(podUid, Kind);
        if (!Directory.Exists(all))
        {
            return;
        }
        foreach (var folder in Directory.EnumerateDirectories(all).SelectMany(Directory.EnumerateDirectories).ToArray())
        {
            await mounts.UnmountAsync(ImageVolumes.KeyOf(podUid, folder), folder, cancellationToken);
            Directory.Delete(folder);
        }
    }
}
