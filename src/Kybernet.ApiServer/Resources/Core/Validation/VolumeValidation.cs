using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>A pod's volumes: each has a name of its own and exactly one source.</summary>
internal static class VolumeValidation
{
    /// <summary>Says what is wrong with the volumes, and notes those that are right in the context.</summary>
    public static void Validate(PodValidationContext pod, FieldPath path)
    {
        var volumes = pod.Spec.Volumes;
        for (var i = 0; i < volumes.Count; i++)
        {
            var volume = volumes[i];
            var item = path.Index(i);
            var before = pod.Errors.Items.Count;
            ValidateSource(volume, item, pod);
            if (pod.Errors.Needs(volume.Name, item, "name"))
            {
                pod.Errors.Name(volume.Name, item, "name", NameRules.Label);
            }
            if (pod.Volumes.ContainsKey(volume.Name))
            {
                pod.Errors.Duplicate(item.Child("name"), volume.Name);
            }
            if (pod.Errors.Items.Count == before)
            {
                pod.Volumes.Add(volume.Name, volume);
            }
            if (volume.PersistentVolumeClaim is { } claim && IsClaimOfEphemeralVolume(claim.ClaimName, pod))
            {
                pod.Errors.Invalid(item.Child("persistentVolumeClaim").Child("claimName"), claim.ClaimName,
                    "must not reference a PVC that gets created for an ephemeral volume");
            }
        }
    }

    private static bool IsClaimOfEphemeralVolume(string claimName, PodValidationContext pod)
    {
        if (string.IsNullOrEmpty(pod.PodName))
        {
            return false;
        }
        foreach (var volume in pod.Spec.Volumes)
        {
            if (volume.Ephemeral is not null && claimName == $"{pod.PodName}-{volume.Name}")
            {
                return true;
            }
        }
        return false;
    }

    private static void ValidateSource(Volume volume, FieldPath path, PodValidationContext pod)
    {
        var errors = pod.Errors;
        var sources = new SourceCount(path, errors);
        if (sources.IsFirst(volume.EmptyDir, "emptyDir") && volume.EmptyDir!.SizeLimit is { Sign: < 0 })
        {
            errors.Forbidden(path.Child("emptyDir").Child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
        }
        if (sources.IsFirst(volume.HostPath, "hostPath"))
        {
            VolumeSources.HostPath(volume.HostPath!, path.Child("hostPath"), errors);
        }
        if (sources.IsFirst(volume.Secret, "secret"))
        {
            Secret(volume.Secret!, path.Child("secret"), errors);
        }
        if (sources.IsFirst(volume.PersistentVolumeClaim, "persistentVolumeClaim"))
        {
            errors.Needs(volume.PersistentVolumeClaim!.ClaimName, path.Child("persistentVolumeClaim"), "claimName");
        }
        if (sources.IsFirst(volume.DownwardAPI, "downwardAPI"))
        {
            ProjectedVolumeValidation.DownwardApi(volume.DownwardAPI!, path.Child("downwardAPI"), errors);
        }
        if (sources.IsFirst(volume.ConfigMap, "configMap"))
        {
            ConfigMap(volume.ConfigMap!, path.Child("configMap"), errors);
        }
        if (sources.IsFirst(volume.Projected, "projected"))
        {
            ProjectedVolumeValidation.Validate(volume.Projected!, path.Child("projected"), errors);
        }
        if (sources.IsFirst(volume.Csi, "csi"))
        {
            VolumeSources.Csi(volume.Csi!, path.Child("csi"), errors);
        }
        if (sources.IsFirst(volume.Ephemeral, "ephemeral"))
        {
            Ephemeral(volume, path, pod);
        }
        if (sources.IsFirst(volume.Image, "image"))
        {
            Image(volume.Image!, path.Child("image"), pod);
        }
        InTreeVolumeValidation.Validate(volume, path, ref sources, errors);
        if (sources.Count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    private static void Secret(SecretVolumeSource secret, FieldPath path, FieldErrors errors)
    {
        errors.Needs(secret.SecretName, path, "secretName");
        PathRules.Mode(secret.DefaultMode, path, "defaultMode", errors);
        KeysToPaths(secret.Items, path, errors);
    }

    private static void ConfigMap(ConfigMapVolumeSource configMap, FieldPath path, FieldErrors errors)
    {
        errors.Needs(configMap.Name, path, "name");
        PathRules.Mode(configMap.DefaultMode, path, "defaultMode", errors);
        KeysToPaths(configMap.Items, path, errors);
    }

    private static void KeysToPaths(IReadOnlyList<KeyToPath> items, FieldPath path, FieldErrors errors)
    {
        for (var i = 0; i < items.Count; i++)
        {
            KeyToPath(items[i], path.Child("items").Index(i), errors);
        }
    }

    /// <summary>A key that becomes a file.</summary>
    public static void KeyToPath(KeyToPath item, FieldPath path, FieldErrors errors)
    {
        errors.Needs(item.Key, path, "key");
        errors.Needs(item.Path, path, "path");
        PathRules.NonReserved(item.Path, path.Child("path"), errors);
        PathRules.Mode(item.Mode, path, "mode", errors);
    }

    private static void Ephemeral(Volume volume, FieldPath path, PodValidationContext pod)
    {
        var errors = pod.Errors;
        if (volume.Ephemeral!.VolumeClaimTemplate is not { } template)
        {
            errors.Required(path.Child("ephemeral").Child("volumeClaimTemplate"));
        }
        else
        {
            var templatePath = path.Child("ephemeral").Child("volumeClaimTemplate");
            LabelRules.ValidateAnnotations(template.Metadata.Annotations, templatePath.Child("metadata").Child("annotations"), errors);
            LabelRules.ValidateLabels(template.Metadata.Labels, templatePath.Child("metadata").Child("labels"), errors);
            ClaimValidation.ValidateSpec(template.Spec, templatePath.Child("spec"), errors);
        }
        if (!string.IsNullOrEmpty(pod.PodName) && volume.Name.Length > 0)
        {
            var claimName = $"{pod.PodName}-{volume.Name}";
            foreach (var problem in NameRules.Subdomain(claimName))
            {
                errors.Invalid(path.Child("name"), volume.Name, $"PVC name \"{claimName}\": {problem}");
            }
        }
    }

    private static void Image(ImageVolumeSource image, FieldPath path, PodValidationContext pod)
    {
        if (pod.IsPod)
        {
            pod.Errors.Needs(image.Reference, path, "reference");
        }
        pod.Errors.OneOf(image.PullPolicy, path, "pullPolicy", ContainerValidation.PullPolicies);
    }
}

/// <summary>Counts the sources that a volume has: only the first is looked at, and any other is one too many.</summary>
internal struct SourceCount(FieldPath path, FieldErrors errors)
{
    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a source is there, and the first.</summary>
    public bool IsFirst(object? source, string field)
    {
        if (source is null)
        {
            return false;
        }
        if (Count++ == 0)
        {
            return true;
        }
        errors.Forbidden(path.Child(field), "may not specify more than 1 volume type");
        return false;
    }
}
