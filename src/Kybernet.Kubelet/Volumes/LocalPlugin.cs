using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Volumes;

/// <summary>PersistentVolumes that are a folder of this node, shown by a mount of their own in the pod's folder.</summary>
internal sealed class LocalPlugin(PodPaths paths) : IVolumePlugin
{
    public bool Supports(VolumeRequest request) => request.PersistentVolume?.Spec.Local is not null;

    public Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var source = request.PersistentVolume!.Spec.Local!;
        if (!Path.Exists(source.Path))
        {
            throw new VolumeException($"path \"{source.Path}\" does not exist");
        }
        var isReadOnly = request.Volume.PersistentVolumeClaim?.ReadOnly == true;
        var folder = paths.Volume(request.PodUid, "local-volume", request.FolderName);
        if (!MountTable.IsMountPoint(folder))
        {
            Directory.CreateDirectory(folder);
            LinuxCalls.Bind(source.Path, folder);
            VolumeOwnership.Apply(folder, request, isReadOnly);
        }
        return Task.FromResult(new MountedVolume(folder) { IsReadOnly = isReadOnly, IsRelabelled = true });
    }
}
