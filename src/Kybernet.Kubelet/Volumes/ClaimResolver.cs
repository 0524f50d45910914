using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Finds the PersistentVolume behind a pod's volume.</summary>
internal sealed class ClaimResolver(ApiClient client)
{
    /// <summary>The PersistentVolume; null where the volume is not by a claim.</summary>
    /// <exception cref="VolumeException">The claim is not there, or is not bound.</exception>
    public async Task<PersistentVolume?> FindAsync(Pod pod, Volume volume, CancellationToken cancellationToken)
    {
        var @namespace = pod.Metadata.Namespace ?? "";
        if (NameOf(pod, volume) is not { } name)
        {
            return null;
        }
        try
        {
            return await FindAsync(pod, volume, @namespace, name, cancellationToken);
        }
        catch (Exception exception) when (exception is VolumeException or ApiException)
        {
            throw new VolumeException(
                $"Unable to attach or mount volumes: unmounted volumes=[{volume.Name}], unattached volumes=[], failed to process volumes=[{volume.Name}]: "
                + $"error processing PVC {@namespace}/{name}: {exception.Message}",
                exception);
        }
    }

    private async Task<PersistentVolume> FindAsync(Pod pod, Volume volume, string @namespace, string name, CancellationToken cancellationToken)
    {
        var claim = await client.FindAsync<PersistentVolumeClaim>(@namespace, name, cancellationToken)
            ?? throw new VolumeException($"failed to fetch PVC from API server: persistentvolumeclaims \"{name}\" not found");
        if (volume.Ephemeral is not null && claim.Metadata.OwnerReferences.All(owner => owner.Controller != true || owner.Uid != pod.Metadata.Uid))
        {
            throw new VolumeException($"PVC {@namespace}/{name} was not created for pod {pod.Metadata.Namespace}/{pod.Metadata.Name} (pod is not owner)");
        }
        if (claim.Metadata.DeletionTimestamp is not null)
        {
            throw new VolumeException("PVC is being deleted");
        }
        if (claim.Status.Phase != "Bound" || claim.Spec.VolumeName is not { Length: > 0 } volumeName)
        {
            throw new VolumeException("PVC is not bound");
        }
        var found = await client.FindAsync<PersistentVolume>("", volumeName, cancellationToken)
            ?? throw new VolumeException($"failed to fetch PV {volumeName} from API server: persistentvolumes \"{volumeName}\" not found");
        return found.Spec.ClaimRef is { } reference && reference.Uid == claim.Metadata.Uid
            ? found
            : throw new VolumeException($"found PV object {volumeName} but its claimRef does not point back to the claim");
    }

    private static string? NameOf(Pod pod, Volume volume) =>
        volume.PersistentVolumeClaim?.ClaimName ?? (volume.Ephemeral is not null ? $"{pod.Metadata.Name}-{volume.Name}" : null);
}
