using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>PersistentVolumes: where the bytes are stays; size, modes and claim may change.</summary>
internal static class PersistentVolumes
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public static void Validate(EncodedObject item, FieldErrors errors) => PersistentVolumeValidation.Validate(item.As<PersistentVolume>().Spec, Spec, errors);

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (spec, old) = (item.As<PersistentVolume>().Spec, previous.As<PersistentVolume>().Spec);
        var (source, oldSource) = (SourceOf(spec), SourceOf(old));
        if (oldSource.Csi is { ControllerExpandSecretRef: null } && source.Csi is { } csi)
        {
            source = source with { Csi = csi with { ControllerExpandSecretRef = null } }; // it may be set later, once
        }
        if (!ModelJson.Same(source, oldSource))
        {
            errors.Forbidden(Spec.Child("persistentvolumesource"),
                "spec.persistentvolumesource is immutable after creation\n" + ModelDiff.Text("PersistentVolumeSource", oldSource, source));
        }
        errors.Unchanged(spec.VolumeMode, old.VolumeMode, FieldPath.Of("volumeMode"));
        if (old.NodeAffinity is not null)
        {
            errors.Unchanged(spec.NodeAffinity, old.NodeAffinity, FieldPath.Of("nodeAffinity"));
        }
        if (old.VolumeAttributesClassName is not null && spec.VolumeAttributesClassName is null)
        {
            errors.Forbidden(Spec.Child("volumeAttributesClassName"), "update from non-nil value to nil is forbidden");
        }
    }

    public static IEnumerable<string> Warnings(EncodedObject item)
    {
        var volume = item.As<PersistentVolume>();
        var spec = volume.Spec;
        var terms = spec.NodeAffinity?.Required?.NodeSelectorTerms ?? [];
        IEnumerable<string> labels = terms.SelectMany((term, i) => NodeLabels.Warnings(term, $"spec.nodeAffinity.required.nodeSelectorTerms[{i}]"));
        (bool IsThere, string Text)[] deprecations =
        [
            (volume.Metadata.Annotations.ContainsKey("volume.beta.kubernetes.io/storage-class"),
                "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead"),
            (volume.Metadata.Annotations.ContainsKey("volume.beta.kubernetes.io/mount-options"),
                "metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use \"mountOptions\" attribute instead"),
            (spec.PersistentVolumeReclaimPolicy == "Recycle",
                "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning."),
            (spec.Cephfs is not null, "spec.cephfs: deprecated in v1.28, non-functional in v1.31+"),
            (spec.PhotonPersistentDisk is not null, "spec.photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+"),
            (spec.ScaleIO is not null, "spec.scaleIO: deprecated in v1.16, non-functional in v1.22+"),
            (spec.Storageos is not null, "spec.storageOS: deprecated in v1.22, non-functional in v1.25+"),
            (spec.Glusterfs is not null, "spec.glusterfs: deprecated in v1.25, non-functional in v1.26+"),
            (spec.Rbd is not null, "spec.rbd: deprecated in v1.28, non-functional in v1.31+"),
        ];
        return labels.Concat(deprecations.Where(deprecation => deprecation.IsThere).Select(deprecation => deprecation.Text));
    }

    private static PersistentVolumeSpec SourceOf(PersistentVolumeSpec spec) => spec with
    {
        AccessModes = [], Capacity = PersistentVolumeSpec.Empty.Capacity, ClaimRef = null, MountOptions = [], NodeAffinity = null,
        PersistentVolumeReclaimPolicy = null, StorageClassName = null, VolumeAttributesClassName = null, VolumeMode = null,
    };
}
