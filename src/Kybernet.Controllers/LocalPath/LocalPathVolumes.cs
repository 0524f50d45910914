using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;

namespace Kybernet.Controllers.LocalPath;

/// <summary>Removes released volumes: first the folder, then the object. One that is to be retained keeps its folder, also when it is deleted.</summary>
internal sealed class LocalPathVolumes(ApiClient client, ILister<PersistentVolume> volumes, NodeFolders folders, IEventRecorder events) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (volumes.Get(key) is not { } volume || !LocalPathProvisioner.Made(volume) || volume.Status.Phase is null or VolumePhase.Bound)
        {
            return Requeue.OnChange;
        }
        var isDeleted = volume.Spec.PersistentVolumeReclaimPolicy == "Delete";
        if (!isDeleted && volume.Metadata.DeletionTimestamp is null
            || isDeleted && volume.Status.Phase is not (VolumePhase.Released or VolumePhase.Failed) && volume.Metadata.DeletionTimestamp is null)
        {
            return Requeue.OnChange;
        }
        if (volume.Metadata.Finalizers.Contains(LocalPathProvisioner.Finalizer))
        {
            if (isDeleted)
            {
                await RemoveFolderAsync(volume, cancellationToken);
            }
            var left = volume.Metadata.Finalizers.Where(static finalizer => finalizer != LocalPathProvisioner.Finalizer).ToArray();
            volume = await client.UpdateAsync(volume with { Metadata = volume.Metadata with { Finalizers = left } }, cancellationToken);
        }
        if (volume.Metadata.DeletionTimestamp is null)
        {
            await client.DeleteAsync<PersistentVolume>(
                "", key.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = volume.Metadata.Uid } }, cancellationToken);
        }
        return Requeue.OnChange;
    }

    private async Task RemoveFolderAsync(PersistentVolume volume, CancellationToken cancellationToken)
    {
        var node = volume.Metadata.Annotations[LocalPathProvisioner.NodeAnnotation];
        try
        {
            await folders.RemoveAsync(node, volume.Metadata.Name!, cancellationToken);
        }
        catch (ApiException exception)
        {
            events.Record(volume, EventType.Warning, "VolumeFailedDelete", $"failed to remove the folder on node \"{node}\": {exception.Message}");
            throw;
        }
    }
}
