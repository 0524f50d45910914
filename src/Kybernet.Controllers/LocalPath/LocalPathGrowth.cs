using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;
using Kybernet.Controllers.VolumeExpansion;

namespace Kybernet.Controllers.LocalPath;

/// <summary>Lets volumes grow with their claims, whether a pod uses them or not: a folder has all the room that its disk has.</summary>
internal sealed class LocalPathGrowth(
    ApiClient client, ILister<PersistentVolumeClaim> claims, ILister<PersistentVolume> volumes, IEventRecorder events, TimeProvider time) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (claims.Get(key) is not { } claim || !ClaimGrowth.IsWanted(claim)
            || volumes.Get(new NamespacedName("", claim.Spec.VolumeName!)) is not { } volume || !LocalPathProvisioner.Made(volume))
        {
            return Requeue.OnChange;
        }
        var size = VolumeMatching.RequestOf(claim);
        if (claim.Status.AllocatedResources.GetValueOrDefault(ClaimGrowth.Resource) != size)
        {
            events.Record(claim, EventType.Normal, "Resizing", $"External resizer is resizing volume {volume.Metadata.Name}");
            claim = await client.UpdateStatusAsync(ClaimGrowth.Begin(claim, size, time.GetUtcNow()), cancellationToken);
        }
        if (VolumeMatching.CapacityOf(volume) < size)
        {
            await client.UpdateAsync(
                volume with { Spec = volume.Spec with { Capacity = new Dictionary<string, Quantity>(volume.Spec.Capacity) { [ClaimGrowth.Resource] = size } } },
                cancellationToken);
        }
        await client.UpdateStatusAsync(ClaimGrowth.End(claim, size), cancellationToken);
        events.Record(claim, EventType.Normal, "VolumeResizeSuccessful", "Resize volume succeeded");
        return Requeue.OnChange;
    }
}
