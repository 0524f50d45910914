using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Volumes whose files are made from API objects: ConfigMaps, Secrets, the pod itself, tokens, and mixtures of them.</summary>
internal sealed class PayloadPlugin(PodPaths paths, PayloadBuilder payloads, TimeProvider time) : IVolumePlugin
{
    public bool Supports(VolumeRequest request) =>
        request.Volume is { ConfigMap: not null } or { Secret: not null } or { DownwardAPI: not null } or { Projected: not null };

    public async Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var volume = request.Volume;
        var files = await payloads.BuildAsync(request, cancellationToken);
        var plugin = volume.ConfigMap is not null ? "configmap" : volume.Secret is not null ? "secret" : volume.DownwardAPI is not null ? "downward-api" : "projected";
        var folder = paths.Volume(request.PodUid, plugin, volume.Name);
        // ConfigMaps alone may lie on disk: the others hold, or may hold, what must never reach it.
        MakeFolder(folder, volume.ConfigMap is null);
        AtomicWriter.Write(folder, WithGroupReadable(files, request.Group), request.Group, time.GetUtcNow());
        return new MountedVolume(folder) { IsRelabelled = true };
    }

    private static void MakeFolder(string folder, bool inMemory)
    {
        Directory.CreateDirectory(folder);
        if (inMemory && !MountTable.IsMountPoint(folder))
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
