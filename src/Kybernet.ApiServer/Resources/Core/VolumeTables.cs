using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>How volumes and claims are shown.</summary>
internal static class VolumeTables
{
    private const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";

    public static TableDefinition Volumes { get; } = TableBuilder.For<PersistentVolume>()
        .Name()
        .Text("Capacity", "How much the volume holds.", static item => Storage(item.Spec.Capacity))
        .Text("Access Modes", "How it can be mounted.", static item => Modes(item.Spec.AccessModes))
        .Text("Reclaim Policy", "What happens when its claim goes.", static item => item.Spec.PersistentVolumeReclaimPolicy ?? "")
        .Text("Status", "Whether it is claimed.", static item => Phase(item.Metadata, item.Status.Phase))
        .Text("Claim", "Who claims it.", static item => item.Spec.ClaimRef is { } claim ? $"{claim.Namespace}/{claim.Name}" : "")
        .Text("StorageClass", "StorageClass of the pv", static item => Class(item.Metadata.Annotations, item.Spec.StorageClassName))
        .Text("VolumeAttributesClass", "VolumeAttributesClass of the pv", static item => OrUnset(item.Spec.VolumeAttributesClassName))
        .Text("Reason", "Why it is in its status.", static item => item.Status.Reason ?? "")
        .Age()
        .Text("VolumeMode", "Whether it holds files or is a block device.", static item => OrUnset(item.Spec.VolumeMode), wide: true)
        .Build();

    public static TableDefinition Claims { get; } = TableBuilder.For<PersistentVolumeClaim>()
        .Name()
        .Text("Status", "Whether the claim is bound.", static item => Phase(item.Metadata, item.Status.Phase))
        .Text("Volume", "The volume that it is bound to.", static item => item.Spec.VolumeName ?? "")
        .Text("Capacity", "How much the volume holds.", static item => IsBound(item) ? Storage(item.Status.Capacity) : "")
        .Text("Access Modes", "How it can be mounted.", static item => IsBound(item) ? Modes(item.Status.AccessModes) : "")
        .Text("StorageClass", "StorageClass of the pvc", static item => Class(item.Metadata.Annotations, item.Spec.StorageClassName))
        .Text(
            "VolumeAttributesClass", "VolumeAttributesClass of the pvc",
            static item => OrUnset(item.Status.CurrentVolumeAttributesClassName ?? item.Spec.VolumeAttributesClassName))
        .Age()
        .Text("VolumeMode", "Whether it holds files or is a block device.", static item => OrUnset(item.Spec.VolumeMode), wide: true)
        .Build();

    private static string Phase(ObjectMeta metadata, string? phase) => metadata.DeletionTimestamp is null ? phase ?? "" : "Terminating";

    private static bool IsBound(PersistentVolumeClaim claim) => !string.IsNullOrEmpty(claim.Spec.VolumeName);

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
