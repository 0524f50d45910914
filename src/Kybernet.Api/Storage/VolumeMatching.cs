using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;

namespace Kybernet.Api.Storage;

/// <summary>Which volume is right for which claim.</summary>
public static class VolumeMatching
{
    private const string Storage = "storage";

    /// <summary>Whether a volume is set aside for a claim, by its name at least.</summary>
    public static bool IsBoundTo(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } reference
        && reference.Name == claim.Metadata.Name
        && reference.Namespace == claim.Metadata.Namespace
        && (string.IsNullOrEmpty(reference.Uid) || reference.Uid == claim.Metadata.Uid);

    /// <summary>What a claim asks for.</summary>
    public static Quantity RequestOf(PersistentVolumeClaim claim) => claim.Spec.Resources?.Requests.GetValueOrDefault(Storage) ?? Quantity.Zero;

    /// <summary>What a volume has.</summary>
    public static Quantity CapacityOf(PersistentVolume volume) => volume.Spec.Capacity.GetValueOrDefault(Storage);

    /// <summary>Why a volume that the user chose is not right for a claim; null where it is.</summary>
    public static string? Mismatch(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        if (CapacityOf(volume) < RequestOf(claim))
        {
            return "requested PV is too small";
        }
        if (StorageClasses.ClassOf(volume) != StorageClasses.ClassOf(claim))
        {
            return "storageClassName does not match";
        }
        if (!SameMode(volume, claim))
        {
            return "incompatible volumeMode";
        }
        return HasModes(volume, claim) ? null : "incompatible accessMode";
    }

    /// <summary>The volume that is set aside for a claim, or else the smallest free one that has all it asks for; null for none.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="volumes">All volumes.</param>
    /// <param name="onlyReserved">Whether no volume may be chosen that is not set aside for the claim.</param>
    /// <param name="isPossible">What else a volume has to satisfy: the scheduler's node, that no other claim of the pod takes it.</param>
    public static PersistentVolume? Find(
        PersistentVolumeClaim claim, IEnumerable<PersistentVolume> volumes, bool onlyReserved, Func<PersistentVolume, bool> isPossible)
    {
        var selector = claim.Spec.Selector is null ? null : Selector.From(claim.Spec.Selector);
        var request = RequestOf(claim);
        PersistentVolume? smallest = null;
        foreach (var volume in volumes)
        {
            if (volume.Metadata.DeletionTimestamp is not null || CapacityOf(volume) < request || !SameMode(volume, claim))
            {
                continue;
            }
            if (volume.Spec.ClaimRef is not null)
            {
                if (IsBoundTo(volume, claim))
                {
                    return isPossible(volume) ? volume : null;
                }
                continue;
            }
            if (!onlyReserved
                && volume.Status.Phase == VolumePhase.Available
                && selector?.Matches(volume.Metadata.Labels) != false
                && StorageClasses.ClassOf(volume) == StorageClasses.ClassOf(claim)
                && HasModes(volume, claim)
                && isPossible(volume)
                && (smallest is null || CapacityOf(volume) < CapacityOf(smallest)))
            {
                smallest = volume;
            }
        }
        return smallest;
    }

    private static bool SameMode(PersistentVolume volume, PersistentVolumeClaim claim) =>
        (volume.Spec.VolumeMode ?? "Filesystem") == (claim.Spec.VolumeMode ?? "Filesystem");

    private static bool HasModes(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        foreach (var mode in claim.Spec.AccessModes)
        {
            if (!volume.Spec.AccessModes.Contains(mode))
            {
                return false;
            }
        }
        return true;
    }
}
