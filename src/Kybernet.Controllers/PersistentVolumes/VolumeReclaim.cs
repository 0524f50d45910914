using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;

namespace Kybernet.Controllers.PersistentVolumes;

/// <summary>Does with a released volume what its reclaim policy says. What a provisioner made, the provisioner deletes.</summary>
internal sealed class VolumeReclaim(VolumeRecycler recycler, VolumeBinding binding, IEventRecorder events)
{
    public async Task RunAsync(PersistentVolume volume, CancellationToken cancellationToken)
    {
        switch (volume.Spec.PersistentVolumeReclaimPolicy)
        {
            case "Recycle":
                await recycler.RunAsync(volume, cancellationToken);
                break;
            case "Delete" when !volume.Metadata.Has(VolumeAnnotations.ProvisionedBy):
                var message = $"error getting deleter volume plugin for volume \"{volume.Metadata.Name}\": no deletable volume plugin matched";
                if (await binding.SetPhaseAsync(volume, VolumePhase.Failed, message, cancellationToken))
                {
                    events.Record(volume, EventType.Warning, "VolumeFailedDelete", message);
                }
                break;
        }
    }
}
