namespace Kybernet.Kubelet.Volumes;

/// <summary>Files and folders of the node itself.</summary>
internal sealed class HostPathPlugin : IVolumePlugin
{
    public bool Supports(VolumeRequest request) => (request.PersistentVolume?.Spec.HostPath ?? request.Volume.HostPath) is not null;

    public Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var source = request.PersistentVolume?.Spec.HostPath ?? request.Volume.HostPath!;
        if (source.Path.Split('/').Contains(".."))
        {
            throw new VolumeException($"invalid HostPath `{source.Path}`: path must not contain '..'");
        }
        HostPathCheck.Ensure(source);
        return Task.FromResult(new MountedVolume(source.Path) { IsReadOnly = IsReadOnly(request) });
    }

    private static bool IsReadOnly(VolumeRequest request) => request.Volume.PersistentVolumeClaim?.ReadOnly == true;
}
