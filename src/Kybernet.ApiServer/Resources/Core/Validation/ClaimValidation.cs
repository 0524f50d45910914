using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What is asked of storage: the spec of a PersistentVolumeClaim, by itself or in a template.</summary>
internal static class ClaimValidation
{
    private static readonly string[] AccessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    private static readonly string[] VolumeModes = ["Block", "Filesystem"];

    /// <summary>Says what is wrong with a claim's spec.</summary>
    public static void ValidateSpec(PersistentVolumeClaimSpec spec, FieldPath path, FieldErrors errors)
    {
        if (spec.AccessModes.Count == 0)
        {
            errors.Required(path.Child("accessModes"), "at least 1 access mode is required");
        }
        LabelRules.ValidateSelector(spec.Selector, path.Child("selector"), errors);
        Modes(spec.AccessModes, path, errors);
        var storage = path.Child("resources").Key("storage");
        if (spec.Resources is null || !spec.Resources.Requests.TryGetValue("storage", out var size))
        {
            errors.Required(storage);
        }
        else if (size.Sign <= 0)
        {
            errors.Invalid(storage, size.ToString(), FieldRules.NotPositive);
        }
        errors.Name(spec.StorageClassName, path, "storageClassName", NameRules.Subdomain);
        errors.OneOf(spec.VolumeMode, path, "volumeMode", VolumeModes);
        if (spec.DataSource is { } source)
        {
            Source(source.Name, source.Kind, source.ApiGroup, path.Child("dataSource"), errors);
        }
        if (spec.DataSourceRef is { } reference)
        {
            Source(reference.Name, reference.Kind, reference.ApiGroup, path.Child("dataSourceRef"), errors);
            errors.Name(reference.Namespace, path.Child("dataSourceRef"), "namespace", NameRules.Label);
        }
        Agreement(spec, path, errors);
        errors.Name(spec.VolumeAttributesClassName, path, "volumeAttributesClassName", NameRules.Subdomain);
    }

    /// <summary>Says what is wrong with access modes.</summary>
    public static void Modes(IReadOnlyList<string> modes, FieldPath path, FieldErrors errors)
    {
        foreach (var mode in modes)
        {
            if (Array.IndexOf(AccessModes, mode) < 0)
            {
                errors.NotSupported(path.Child("accessModes"), mode, AccessModes);
            }
        }
        if (modes.Contains("ReadWriteOncePod") && modes.Any(mode => mode != "ReadWriteOncePod" && Array.IndexOf(AccessModes, mode) >= 0))
        {
            errors.Forbidden(path.Child("accessModes"), "may not use ReadWriteOncePod with other access modes");
        }
    }

    private static void Source(string name, string kind, string? group, FieldPath path, FieldErrors errors)
    {
        errors.Needs(name, path, "name");
        errors.Needs(kind, path, "kind");
        if (string.IsNullOrEmpty(group) && kind != "PersistentVolumeClaim")
        {
            errors.Invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        }
        errors.Name(group, path, "apiGroup", NameRules.Subdomain);
    }

    private static void Agreement(PersistentVolumeClaimSpec spec, FieldPath path, FieldErrors errors)
    {
        if (spec is not { DataSource: { } source, DataSourceRef: { } reference })
        {
            return;
        }
        if (!string.IsNullOrEmpty(reference.Namespace))
        {
            errors.Invalid(path, path.Child("dataSource").ToString(), "may not be specified when dataSourceRef.namespace is specified");
        }
        else if (source.ApiGroup != reference.ApiGroup || source.Kind != reference.Kind || source.Name != reference.Name)
        {
            errors.Invalid(path, path.Child("dataSource").ToString(), "must match dataSourceRef");
        }
    }
}
