using Kybernet.Api;
using Kybernet.Api.Storage.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Volumes.Csi.V1;
using Capability = Kybernet.Kubelet.Volumes.Csi.V1.NodeServiceCapability.Types.RPC.Types.Type;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>
/// Volumes of storage drivers, which the drivers mount themselves: where the driver can, once for the node (staging), and then for each pod (publishing).
/// </summary>
internal sealed class CsiPlugin(
    PodPaths paths, CsiDrivers drivers, ILister<CSIDriver> driverObjects, CsiStages stages, CsiAttachments attachments, CsiPublishing publishing, KubeletOptions options)
    : IVolumePlugin
{
    /// <summary>What kind of volume it is in paths.</summary>
    public const string Kind = "csi";

    // Two pods may come and go with the same volume.
    private readonly KeyedGate _gate = new();

    public bool Supports(VolumeRequest request) => CsiVolume.Of(request) is not null;

    public async Task<MountedVolume> SetUpAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var volume = CsiVolume.Of(request)!;
        var folder = paths.Volume(request.PodUid, Kind, request.FolderName);
        var target = TargetOf(folder);
        var driver = driverObjects.Get(new NamespacedName("", volume.Driver));
        var isPublished = MountTable.IsMountPoint(target);
        if (!isPublished || driver?.Spec.RequiresRepublish == true)
        {
            CheckLifecycle(volume, driver);
            var isAttached = !volume.IsEphemeral && driver?.Spec.AttachRequired != false;
            var attachment = isAttached ? await attachments.WaitAsync(volume, cancellationToken) : new Dictionary<string, string>();
            using var turn = await _gate.EnterAsync(KeyOf(volume.Driver, volume.Handle), cancellationToken);
            new VolumeData(volume.Driver, volume.Handle, volume.IsEphemeral).Write(folder, request.FolderName, options.NodeName);
            await PublishAsync(new CsiMount(request, volume, driver, attachment, target, isPublished), cancellationToken);
        }
        return new MountedVolume(target) { IsReadOnly = volume.IsReadOnly };
    }

    public async Task TearDownAsync(string podUid, CancellationToken cancellationToken)
    {
        var all = paths.VolumesOf(podUid, Kind);
        if (!Directory.Exists(all))
        {
            return;
        }
        foreach (var folder in Directory.GetDirectories(all))
        {
            if (VolumeData.Read(folder) is { } volume)
            {
                using var turn = await _gate.EnterAsync(KeyOf(volume.Driver, volume.Handle), cancellationToken);
                await UnpublishAsync(volume, folder, cancellationToken);
            }
        }
    }

    /// <summary>Where in a volume's folder the driver mounts it.</summary>
    public static string TargetOf(string folder) => Path.Combine(folder, "mount");

    private static string KeyOf(string driver, string handle) => $"{driver}^{handle}";

    private static void CheckLifecycle(CsiVolume volume, CSIDriver? driver)
    {
        var mode = volume.IsEphemeral ? "Ephemeral" : "Persistent";
        IReadOnlyList<string> modes = driver?.Spec.VolumeLifecycleModes is { Count: > 0 } named ? named : ["Persistent"];
        if (!modes.Contains(mode))
        {
            throw new VolumeException(driver is null
                ? $"volume mode \"{mode}\" not supported by driver {volume.Driver} (no CSIDriver object)"
                : $"volume mode \"{mode}\" not supported by driver {volume.Driver} (only supports [\"{string.Join("\" \"", modes)}\"])");
        }
    }

    private async Task PublishAsync(CsiMount mount, CancellationToken cancellationToken)
    {
        var volume = mount.Volume;
        using var client = drivers.Open(volume.Driver);
        var able = await client.GetCapabilitiesAsync(cancellationToken);
        var givesToGroup = able.Contains(Capability.VolumeMountGroup);
        var capability = CsiCapabilities.Of(volume, givesToGroup ? mount.Request.Group : null, able);
        var publish = new NodePublishVolumeRequest
        {
            VolumeId = volume.Handle,
            TargetPath = mount.Target,
            VolumeCapability = capability,
            Readonly = volume.IsReadOnly,
            PublishContext = { mount.Attachment.ToDictionary() },
            VolumeContext = { volume.Attributes.ToDictionary() },
            Secrets = { await publishing.ReadSecretAsync("NodePublishSecretRef", volume.PublishSecret, cancellationToken) },
        };
        if (!volume.IsEphemeral && able.Contains(Capability.StageUnstageVolume))
        {
            await stages.EnsureAsync(client, volume, await StageRequestAsync(mount, capability, cancellationToken), cancellationToken);
            publish.StagingTargetPath = stages.PathOf(volume.Driver, volume.Handle);
        }
        await publishing.AddAsync(mount.Driver, mount.Request.Pod, volume, publish.VolumeContext, publish.Secrets, cancellationToken);
        await client.PublishAsync(publish, cancellationToken);
        if (!givesToGroup && !mount.IsPublished && IsForGroup(mount))
        {
            VolumeOwnership.Apply(mount.Target, mount.Request, volume.IsReadOnly);
        }
    }

    private async Task<NodeStageVolumeRequest> StageRequestAsync(CsiMount mount, VolumeCapability capability, CancellationToken cancellationToken) => new()
    {
        VolumeId = mount.Volume.Handle,
        VolumeCapability = capability,
        PublishContext = { mount.Attachment.ToDictionary() },
        VolumeContext = { mount.Volume.Attributes.ToDictionary() },
        Secrets = { await publishing.ReadSecretAsync("NodeStageSecretRef", mount.Volume.StageSecret, cancellationToken) },
    };

    private static bool IsForGroup(CsiMount mount) => mount.Driver?.Spec.FsGroupPolicy switch
    {
        "None" => false,
        "File" => true,
        _ => mount.Volume.FsType.Length > 0 && mount.Volume.AccessModes.Contains("ReadWriteOnce"),
    };

    private async Task UnpublishAsync(VolumeData volume, string folder, CancellationToken cancellationToken)
    {
        using var client = drivers.Open(volume.Driver);
        var target = TargetOf(folder);
        await client.UnpublishAsync(volume.Handle, target, cancellationToken);
        if (Directory.Exists(target))
        {
            Directory.Delete(target);
        }
        if (!volume.IsEphemeral)
        {
            var able = await client.GetCapabilitiesAsync(cancellationToken);
            await stages.EndAsync(client, volume, folder, able.Contains(Capability.StageUnstageVolume), cancellationToken);
        }
        VolumeData.Delete(folder);
        Directory.Delete(folder);
    }

    private sealed record CsiMount(
        VolumeRequest Request, CsiVolume Volume, CSIDriver? Driver, IReadOnlyDictionary<string, string> Attachment, string Target, bool IsPublished);
}
