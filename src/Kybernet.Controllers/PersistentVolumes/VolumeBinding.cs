using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Storage;
using Kybernet.Client;

namespace Kybernet.Controllers.PersistentVolumes;

/// <summary>
/// Writes what binds a claim and a volume. In four steps, each of which may be the last before a crash: volume, its phase, claim, its phase. A volume is
/// written first and only if it is as it was seen, so that it is never two claims'.
/// </summary>
internal sealed class VolumeBinding(ApiClient client, TimeProvider time)
{
    /// <summary>Binds the two, or goes on with what was begun.</summary>
    public async Task BindAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        volume = await PointToAsync(volume, claim, cancellationToken);
        await SetPhaseAsync(volume, VolumePhase.Bound, "", cancellationToken);
        claim = await PointToAsync(claim, volume, cancellationToken);
        var status = claim.Status with { Phase = ClaimPhase.Bound, AccessModes = volume.Spec.AccessModes };
        if (claim.Status.Phase != ClaimPhase.Bound)
        {
            // Once bound, the two may differ: a file system may still have to grow after its volume.
            status = status with { Capacity = volume.Spec.Capacity };
        }
        await UpdateStatusAsync(claim, status, cancellationToken);
    }

    /// <summary>Lets a volume go: wholly where the binder had chosen the claim, else so that a claim of the same name may have it.</summary>
    public async Task UnbindAsync(PersistentVolume volume, CancellationToken cancellationToken)
    {
        var isOurs = volume.Metadata.Has(VolumeAnnotations.BoundByController);
        var freed = await client.UpdateAsync(
            volume with
            {
                Metadata = volume.Metadata.Without(VolumeAnnotations.BoundByController),
                Spec = volume.Spec with { ClaimRef = isOurs ? null : volume.Spec.ClaimRef! with { Uid = null, ResourceVersion = null } },
            },
            cancellationToken);
        await SetPhaseAsync(freed, VolumePhase.Available, "", cancellationToken);
    }

    /// <returns>Whether the phase was another before.</returns>
    public async Task<bool> SetPhaseAsync(PersistentVolume volume, string phase, string message, CancellationToken cancellationToken)
    {
        if (volume.Status.Phase == phase)
        {
            return false;
        }
        var status = volume.Status with { Phase = phase, Message = message.Length == 0 ? null : message, LastPhaseTransitionTime = time.GetUtcNow() };
        await client.UpdateStatusAsync(volume with { Status = status }, cancellationToken);
        return true;
    }

    /// <summary>Says that a claim has no volume: yet, or any more.</summary>
    /// <returns>Whether the phase was another before.</returns>
    public async Task<bool> SetUnboundAsync(PersistentVolumeClaim claim, string phase, CancellationToken cancellationToken)
    {
        await UpdateStatusAsync(
            claim,
            claim.Status with { Phase = phase, AccessModes = [], Capacity = PersistentVolumeClaimStatus.Empty.Capacity },
            cancellationToken);
        return claim.Status.Phase != phase;
    }

    private async Task<PersistentVolume> PointToAsync(PersistentVolume volume, PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef is { } reference && reference.Uid == claim.Metadata.Uid)
        {
            return volume;
        }
        var bound = volume with { Spec = volume.Spec with { ClaimRef = ObjectReferences.To(claim) } };
        if (!VolumeMatching.IsBoundTo(volume, claim))
        {
            bound = bound with { Metadata = volume.Metadata.With(VolumeAnnotations.BoundByController, "yes") };
        }
        return await client.UpdateAsync(bound, cancellationToken);
    }

    private async Task<PersistentVolumeClaim> PointToAsync(PersistentVolumeClaim claim, PersistentVolume volume, CancellationToken cancellationToken)
    {
        var isPointing = claim.Spec.VolumeName == volume.Metadata.Name;
        if (isPointing && claim.Metadata.Has(VolumeAnnotations.BindCompleted))
        {
            return claim;
        }
        var metadata = claim.Metadata.With(VolumeAnnotations.BindCompleted, "yes");
        return await client.UpdateAsync(
            claim with
            {
                Metadata = isPointing ? metadata : metadata.With(VolumeAnnotations.BoundByController, "yes"),
                Spec = claim.Spec with { VolumeName = volume.Metadata.Name },
            },
            cancellationToken);
    }

    private async Task UpdateStatusAsync(PersistentVolumeClaim claim, PersistentVolumeClaimStatus status, CancellationToken cancellationToken)
    {
        if (!ModelJson.Same(status, claim.Status))
        {
            await client.UpdateStatusAsync(claim with { Status = status }, cancellationToken);
        }
    }
}
