using System.Globalization;
using Kybernet.Kubelet.Volumes.Csi.V1;
using Capability = Kybernet.Kubelet.Volumes.Csi.V1.NodeServiceCapability.Types.RPC.Types.Type;
using Mode = Kybernet.Kubelet.Volumes.Csi.V1.VolumeCapability.Types.AccessMode.Types.Mode;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>Says in the drivers' words how a volume is to be used.</summary>
internal static class CsiCapabilities
{
    /// <param name="volume">The volume.</param>
    /// <param name="group">The group that its files are to belong to, where the driver sees to it; null otherwise.</param>
    /// <param name="able">What the driver can do.</param>
    public static VolumeCapability Of(CsiVolume volume, long? group, IReadOnlySet<Capability> able)
    {
        var mount = new VolumeCapability.Types.MountVolume
        {
            FsType = volume.FsType,
            VolumeMountGroup = group?.ToString(CultureInfo.InvariantCulture) ?? "",
        };
        mount.MountFlags.AddRange(volume.MountOptions);
        var mode = ModeOf(volume.AccessModes.Count > 0 ? volume.AccessModes[0] : "ReadWriteOnce", able.Contains(Capability.SingleNodeMultiWriter));
        return new VolumeCapability { Mount = mount, AccessMode = new VolumeCapability.Types.AccessMode { Mode = mode } };
    }

    private static Mode ModeOf(string mode, bool tellsPodsApart) => mode switch
    {
        "ReadWriteOnce" => tellsPodsApart ? Mode.SingleNodeMultiWriter : Mode.SingleNodeWriter,
        "ReadWriteOncePod" => tellsPodsApart ? Mode.SingleNodeSingleWriter : Mode.SingleNodeWriter,
        "ReadOnlyMany" => Mode.MultiNodeReaderOnly,
        "ReadWriteMany" => Mode.MultiNodeMultiWriter,
        _ => Mode.Unknown,
    };
}
