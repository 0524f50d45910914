using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;

namespace Kybernet.Api.Storage;

/// <summary>Which storage class a volume or a claim is of.</summary>
public static class StorageClasses
{
    /// <summary>The provisioner of classes whose volumes are made by hand.</summary>
    public const string NoProvisioner = "kubernetes.io/no-provisioner";

    /// <summary>The class of a claim; empty for none.</summary>
    public static string ClassOf(PersistentVolumeClaim claim) =>
        claim.Metadata.Annotations.TryGetValue(VolumeAnnotations.BetaStorageClass, out var name) ? name : claim.Spec.StorageClassName ?? "";

    /// <summary>The class of a volume; empty for none.</summary>
    public static string ClassOf(PersistentVolume volume) =>
        volume.Metadata.Annotations.TryGetValue(VolumeAnnotations.BetaStorageClass, out var name) ? name : volume.Spec.StorageClassName ?? "";

    /// <summary>Whether a claim leaves its class open, so that it gets the default one.</summary>
    public static bool IsOpen(PersistentVolumeClaim claim) =>
        claim.Spec.StorageClassName is null && !claim.Metadata.Annotations.ContainsKey(VolumeAnnotations.BetaStorageClass);

    /// <summary>Whether volumes of a class are bound only when the first pod that uses them is scheduled.</summary>
    public static bool WaitsForConsumer(StorageClass? storageClass) => storageClass?.VolumeBindingMode == "WaitForFirstConsumer";

    /// <summary>The class of claims that leave it open: of several the newest, then the first by name. Null for none.</summary>
    public static StorageClass? Default(IEnumerable<StorageClass> classes)
    {
        StorageClass? found = null;
        foreach (var candidate in classes)
        {
            if (IsDefault(candidate) && (found is null || Precedes(candidate, found)))
            {
                found = candidate;
            }
        }
        return found;
    }

    private static bool IsDefault(StorageClass candidate) =>
        candidate.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.IsDefaultClass) == "true"
        || candidate.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.BetaIsDefaultClass) == "true";

    private static bool Precedes(StorageClass candidate, StorageClass other) =>
        candidate.Metadata.CreationTimestamp == other.Metadata.CreationTimestamp
            ? string.CompareOrdinal(candidate.Metadata.Name, other.Metadata.Name) < 0
            : candidate.Metadata.CreationTimestamp > other.Metadata.CreationTimestamp;
}
