using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The spec of a PersistentVolume, by itself or inside a VolumeAttachment.</summary>
internal static class PersistentVolumeValidation
{
    private const string NotInline = "may not be specified in the context of inline volumes";

    /// <summary>Says what is wrong with a volume's spec.</summary>
    public static void Validate(PersistentVolumeSpec spec, FieldPath path, FieldErrors errors)
    {
        Modes(spec, path, errors);
        Capacity(spec, path.Child("capacity"), errors);
        errors.OneOf(spec.PersistentVolumeReclaimPolicy, path, "persistentVolumeReclaimPolicy", ["Delete", "Recycle", "Retain"], required: false);
        Affinity(spec.NodeAffinity, path.Child("nodeAffinity"), errors);
        PersistentVolumeSources.Validate(spec, path, errors);
        if (spec is { HostPath.Path: { } root, PersistentVolumeReclaimPolicy: "Recycle" } && root.Trim('/').Length == 0)
        {
            errors.Forbidden(path.Child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'");
        }
        errors.Name(spec.StorageClassName, path, "storageClassName", NameRules.Subdomain);
        errors.OneOf(spec.VolumeMode, path, "volumeMode", ["Block", "Filesystem"]);
        if (spec.VolumeAttributesClassName is not { } attributes)
        {
            return;
        }
        if (attributes.Length == 0)
        {
            errors.Required(path.Child("volumeAttributesClassName"), "an empty string is disallowed");
        }
        errors.Name(attributes, path, "volumeAttributesClassName", NameRules.Subdomain);
        if (spec.Csi is null)
        {
            errors.Required(path.Child("csi"), "has to be specified when using volumeAttributesClassName");
        }
    }

    /// <summary>Says what is wrong with a spec that is a pod's own volume, about to be attached.</summary>
    public static void Inline(PersistentVolumeSpec spec, FieldPath path, FieldErrors errors)
    {
        NotThere(spec.ClaimRef is not null, path, "claimRef", errors);
        NotThere(spec.Capacity.Count > 0, path, "capacity", errors);
        if (spec.Csi is null)
        {
            errors.Required(path.Child("csi"), "has to be specified in the context of inline volumes");
        }
        Modes(spec, path, errors);
        if (spec.PersistentVolumeReclaimPolicy is { Length: > 0 } and not "Retain")
        {
            errors.Forbidden(path.Child("persistentVolumeReclaimPolicy"), "may only be Retain in the context of inline volumes");
        }
        NotThere(spec.NodeAffinity is not null, path, "nodeAffinity", errors);
        PersistentVolumeSources.Validate(spec, path, errors);
        NotThere(!string.IsNullOrEmpty(spec.StorageClassName), path, "storageClassName", errors);
        if (spec.VolumeMode is not (null or "Filesystem"))
        {
            errors.Forbidden(path.Child("volumeMode"), "may not specify volumeMode other than Filesystem in the context of inline volumes");
        }
    }

    private static void NotThere(bool isThere, FieldPath path, string field, FieldErrors errors)
    {
        if (isThere)
        {
            errors.Forbidden(path.Child(field), NotInline);
        }
    }

    private static void Modes(PersistentVolumeSpec spec, FieldPath path, FieldErrors errors)
    {
        if (spec.AccessModes.Count == 0)
        {
            errors.Required(path.Child("accessModes"));
        }
        ClaimValidation.Modes(spec.AccessModes, path, errors);
    }

    private static void Capacity(PersistentVolumeSpec spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Capacity.Count == 0)
        {
            errors.Required(path);
        }
        if (spec.Capacity.Count != 1 || !spec.Capacity.ContainsKey("storage"))
        {
            var given = spec.Capacity.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"\"{pair.Key}\":\"{pair.Value}\"");
            errors.Add(FieldErrorReason.FieldValueNotSupported, path,
                $"Unsupported value: {(spec.Capacity.Count == 0 ? "null" : $"{{{string.Join(",", given)}}}")}: supported values: \"storage\"");
        }
        foreach (var (name, quantity) in spec.Capacity)
        {
            if (quantity.Sign <= 0)
            {
                errors.Invalid(path.Key(name), quantity.ToString(), FieldRules.NotPositive);
            }
        }
    }

    private static void Affinity(VolumeNodeAffinity? affinity, FieldPath path, FieldErrors errors)
    {
        if (affinity is { Required: { } required })
        {
            AffinityValidation.NodeSelector(required, path.Child("required"), errors);
        }
        else if (affinity is not null)
        {
            errors.Required(path.Child("required"), "must specify required node constraints");
        }
    }
}
