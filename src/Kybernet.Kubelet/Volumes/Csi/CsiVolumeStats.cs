using Kybernet.Kubelet.Volumes.Csi.V1;
using Capability = Kybernet.Kubelet.Volumes.Csi.V1.NodeServiceCapability.Types.RPC.Types.Type;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>How full a pod's volume is, in its driver's words.</summary>
/// <param name="Volume">The volume's name in the pod.</param>
/// <param name="Bytes">Its room; null where the driver does not say.</param>
/// <param name="Inodes">How many files it can hold; null where the driver does not say.</param>
internal sealed record CsiVolumeUsage(string Volume, VolumeUsage? Bytes, VolumeUsage? Inodes);

/// <summary>Asks the storage drivers how full a pod's volumes are.</summary>
internal sealed class CsiVolumeStats(PodVolumes volumes, CsiDrivers drivers)
{
    /// <summary>The volumes of which the drivers tell; one that does not answer is left out.</summary>
    public async Task<IReadOnlyList<CsiVolumeUsage>> ReadAsync(string podUid, CancellationToken cancellationToken)
    {
        var found = new List<CsiVolumeUsage>();
        foreach (var (name, ready) in volumes.Of(podUid))
        {
            if (Path.GetDirectoryName(ready.Path) is not { } folder || VolumeData.Read(folder) is not { } volume)
            {
                continue;
            }
            try
            {
                using var client = drivers.Open(volume.Driver);
                if ((await client.GetCapabilitiesAsync(cancellationToken)).Contains(Capability.GetVolumeStats))
                {
                    var usage = await client.GetUsageAsync(volume.Handle, ready.Path, cancellationToken);
                    found.Add(new CsiVolumeUsage(name, Find(usage, VolumeUsage.Types.Unit.Bytes), Find(usage, VolumeUsage.Types.Unit.Inodes)));
                }
            }
            catch (VolumeException)
            {
                // The figures of the others are still worth having.
            }
        }
        return found;
    }

    private static VolumeUsage? Find(IReadOnlyList<VolumeUsage> usage, VolumeUsage.Types.Unit unit) => usage.FirstOrDefault(one => one.Unit == unit);
}
