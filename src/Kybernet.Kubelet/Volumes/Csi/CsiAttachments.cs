using Kybernet.Api.Storage.V1;
using Kybernet.Client;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>Waits until a volume is attached to the node, which is others' work.</summary>
internal sealed class CsiAttachments(ApiClient client, KubeletOptions options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(4);

    /// <returns>What the driver needs to know of the attachment.</returns>
    /// <exception cref="VolumeException">It is not attached, and will not be soon.</exception>
    public async Task<IReadOnlyDictionary<string, string>> WaitAsync(CsiVolume volume, CancellationToken cancellationToken)
    {
        var name = CsiVolume.AttachmentName(volume.Handle, volume.Driver, options.NodeName);
        var began = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LastPause ? pause * 2 : LastPause)
        {
            if (await client.FindAsync<VolumeAttachment>("", name, cancellationToken) is { } attachment)
            {
                if (attachment.Metadata.DeletionTimestamp is not null)
                {
                    throw new VolumeException("volume attachment is being deleted");
                }
                if (attachment.Status.Attached)
                {
                    return attachment.Status.AttachmentMetadata;
                }
                if (attachment.Status.AttachError is { } problem)
                {
                    throw new VolumeException(problem.Message ?? "");
                }
            }
            if (time.GetElapsedTime(began) + pause > Patience)
            {
                throw new VolumeException($"timed out waiting for external-attacher of {volume.Driver} CSI driver to attach volume {volume.Handle}");
            }
            await Task.Delay(pause, time, cancellationToken);
        }
    }
}
