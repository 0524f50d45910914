using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>How volumes and claims are shown.</summary>
internal static class StorageTables
{
    private const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";

    public static TableDefinition Volumes { get; } = new(
        [
            Columns.Name,
            Columns.Text("Capacity", "How much the volume holds."),
            Columns.Text("Access Modes", "How it can be mounted."),
            Columns.Text("Reclaim Policy", "What happens when its claim goes."),
            Columns.Text("Status", "Whether it is claimed."),
            Columns.Text("Claim", "Who claims it."),
            Columns.Text("StorageClass", "StorageClass of the pv"),
            Columns.Text("VolumeAttributesClass", "VolumeAttributesClass of the pv"),
            Columns.Text("Reason", "Why it is in its status."),
            Columns.Age,
            Columns.Text("VolumeMode", "Whether it holds files or is a block device.", 1),
        ],
        static (item, now) =>
        {
            var volume = item.As<PersistentVolume>();
            var claim = volume.Spec.ClaimRef;
            return
            [
                volume.Metadata.Name, Storage(volume.Spec.Capacity), Modes(volume.Spec.AccessModes), volume.Spec.PersistentVolumeReclaimPolicy ?? "",
                volume.Metadata.DeletionTimestamp is null ? volume.Status.Phase ?? "" : "Terminating", claim is null ? "" : $"{claim.Namespace}/{claim.Name}",
                Class(volume.Metadata.Annotations, volume.Spec.StorageClassName), OrUnset(volume.Spec.VolumeAttributesClassName),
                volume.Status.Reason ?? "", Columns.AgeOf(volume.Metadata, now), OrUnset(volume.Spec.VolumeMode),
            ];
        });

    public static TableDefinition Claims { get; } = new(
        [
            Columns.Name,
            Columns.Text("Status", "Whether the claim is bound."),
            Columns.Text("Volume", "The volume that it is bound to."),
            Columns.Text("Capacity", "How much the volume holds."),
            Columns.Text("Access Modes", "How it can be mounted."),
            Columns.Text("StorageClass", "StorageClass of the pvc"),
            Columns.Text("VolumeAttributesClass", "VolumeAttributesClass of the pvc"),
            Columns.Age,
            Columns.Text("VolumeMode", "Whether it holds files or is a block device.", 1),
        ],
        static (item, now) =>
        {
            var claim = item.As<PersistentVolumeClaim>();
            var isBound = !string.IsNullOrEmpty(claim.Spec.VolumeName);
            return
            [
                claim.Metadata.Name, claim.Metadata.DeletionTimestamp is null ? claim.Status.Phase ?? "" : "Terminating", claim.Spec.VolumeName ?? "",
                isBound ? Storage(claim.Status.Capacity) : "", isBound ? Modes(claim.Status.AccessModes) : "",
                Class(claim.Metadata.Annotations, claim.Spec.StorageClassName),
                OrUnset(claim.Status.CurrentVolumeAttributesClassName ?? claim.Spec.VolumeAttributesClassName),
                Columns.AgeOf(claim.Metadata, now), OrUnset(claim.Spec.VolumeMode),
            ];
        });

    private static string Storage(IReadOnlyDictionary<string, Quantity> quantities) =>
        quantities.TryGetValue("storage", out var size) ? size.ToString() : "0";

    private static string OrUnset(string? text) => string.IsNullOrEmpty(text) ? "<unset>" : text;

    private static string Class(IReadOnlyDictionary<string, string> annotations, string? name) =>
        annotations.TryGetValue(ClassAnnotation, out var old) ? old : name ?? "";

    private static string Modes(IReadOnlyList<string> modes)
    {
        var names = new List<string>(4);
        foreach (var (mode, name) in new[] { ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP") })
        {
            if (modes.Contains(mode))
            {
                names.Add(name);
            }
        }
        return string.Join(",", names);
    }
}
