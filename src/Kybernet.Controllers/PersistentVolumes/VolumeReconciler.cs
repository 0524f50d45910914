using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;

namespace Kybernet.Controllers.PersistentVolumes;

/// <summary>Keeps each volume's phase, and reclaims what a claim left behind.</summary>
internal sealed class VolumeReconciler(
    ApiClient client,
    ILister<PersistentVolume> volumes,
    ILister<PersistentVolumeClaim> claims,
    WorkQueue<NamespacedName> claimQueue,
    VolumeBinding binding,
    VolumeReclaim reclaim) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (volumes.Get(key) is not { } volume)
        {
            return Requeue.OnChange;
        }
        if (volume.Spec.ClaimRef is not { Uid.Length: > 0 } reference)
        {
            await binding.SetPhaseAsync(volume, VolumePhase.Available, "", cancellationToken);
            if (volume.Spec.ClaimRef is { } reserved)
            {
                claimQueue.Add(KeyOf(reserved));
            }
            return Requeue.OnChange;
        }
        var claim = await FindClaimAsync(reference, cancellationToken);
        if (claim is null)
        {
            await ReleaseAsync(volume, cancellationToken);
        }
        else if (string.IsNullOrEmpty(claim.Spec.VolumeName))
        {
            claimQueue.Add(KeyOf(reference)); // the binding was begun, and the claim's side of it goes on
        }
        else if (claim.Spec.VolumeName == volume.Metadata.Name)
        {
            await binding.SetPhaseAsync(volume, VolumePhase.Bound, "", cancellationToken);
        }
        else if (volume.Metadata.Has(VolumeAnnotations.ProvisionedBy) && volume.Spec.PersistentVolumeReclaimPolicy == "Delete")
        {
            await ReleaseAsync(volume, cancellationToken); // made for this claim, which has another meanwhile: nobody will want it
        }
        else
        {
            await binding.UnbindAsync(volume, cancellationToken);
        }
        return Requeue.OnChange;
    }

    private static NamespacedName KeyOf(ObjectReference reference) => new(reference.Namespace ?? "", reference.Name ?? "");

    /// <summary>The claim that a volume belongs to; one of the same name that came later is not it.</summary>
    private async Task<PersistentVolumeClaim?> FindClaimAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        // The cache may not show a claim yet, and data that is deleted does not come back.
        var claim = claims.Get(KeyOf(reference));
        if (claim?.Metadata.Uid != reference.Uid)
        {
            claim = await client.FindAsync<PersistentVolumeClaim>(reference.Namespace!, reference.Name!, cancellationToken);
        }
        return claim?.Metadata.Uid == reference.Uid ? claim : null;
    }

    private async Task ReleaseAsync(PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Status.Phase is not (VolumePhase.Released or VolumePhase.Failed))
        {
            await binding.SetPhaseAsync(volume, VolumePhase.Released, "", cancellationToken);
            return; // reclaimed when the cache shows it: whoever reclaims must not see a volume that looks bound
        }
        await reclaim.RunAsync(volume, cancellationToken);
    }
}
