using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>PersistentVolumeClaims: fixed once they are made, save for growing and for being bound.</summary>
internal static class ClaimRules
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    /// <summary>The two references to what a claim is filled from say the same where only one is given.</summary>
    public static void Default(JsonObject item)
    {
        if (item.Object("spec") is not { } spec)
        {
            return;
        }
        if (spec.Object("dataSource") is { } source && spec.Object("dataSourceRef") is null)
        {
            spec["dataSourceRef"] = source.DeepClone();
        }
        else if (spec.Object("dataSource") is null && spec.Object("dataSourceRef") is { } reference && reference.Lacks("namespace"))
        {
            spec["dataSource"] = reference.DeepClone();
        }
    }

    public static void Validate(EncodedObject item, FieldErrors errors) => ClaimValidation.ValidateSpec(item.As<PersistentVolumeClaim>().Spec, Spec, errors);

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (claim, old) = (item.As<PersistentVolumeClaim>(), previous.As<PersistentVolumeClaim>());
        var isBound = claim.Status.Phase == "Bound";
        var comparable = claim.Spec with
        {
            VolumeName = string.IsNullOrEmpty(old.Spec.VolumeName) ? old.Spec.VolumeName : claim.Spec.VolumeName,
            StorageClassName = old.Spec.StorageClassName is null ? null : claim.Spec.StorageClassName, // may be given later, once
            Resources = isBound ? claim.Spec.Resources?.WithStorageOf(old.Spec.Resources) : claim.Spec.Resources,
            VolumeAttributesClassName = old.Spec.VolumeAttributesClassName,
        };
        if (!ModelJson.Same(comparable, old.Spec))
        {
            errors.Forbidden(Spec, "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
                + ModelDiff.Text("PersistentVolumeClaimSpec", old.Spec, comparable));
        }
        if (Size(claim) is { } size && Size(old) is { } before && size < before
            && size <= (old.Status.Capacity.TryGetValue("storage", out var capacity) ? capacity : Quantity.Zero))
        {
            errors.Forbidden(Spec.Child("resources").Child("requests").Child("storage"), "field can not be less than status.capacity");
        }
        errors.Unchanged(claim.Spec.VolumeMode, old.Spec.VolumeMode, FieldPath.Of("volumeMode"));
        AttributesClass(claim.Spec.VolumeAttributesClassName, old.Spec.VolumeAttributesClassName, errors);
    }

    /// <summary>A size that is no whole number of bytes cannot be had.</summary>
    public static IEnumerable<string> Warnings(EncodedObject item)
    {
        if (Size(item.As<PersistentVolumeClaim>()) is { } size && size.MilliValue % 1000 != 0)
        {
            yield return $"spec.resources.requests[storage]: fractional byte value \"{size}\" is invalid, must be an integer";
        }
    }

    private static void AttributesClass(string? name, string? previous, FieldErrors errors)
    {
        if (previous is not null && string.IsNullOrEmpty(name))
        {
            errors.Forbidden(Spec.Child("volumeAttributesClassName"),
                $"update from non-nil value to {(name is null ? "nil" : "an empty string")} is forbidden");
        }
    }

    private static Quantity? Size(PersistentVolumeClaim claim) =>
        claim.Spec.Resources is { } resources && resources.Requests.TryGetValue("storage", out var size) ? size : null;

    private static VolumeResourceRequirements WithStorageOf(this VolumeResourceRequirements resources, VolumeResourceRequirements? other)
    {
        var requests = new Dictionary<string, Quantity>(resources.Requests);
        requests.Remove("storage");
        if (other?.Requests.TryGetValue("storage", out var size) == true)
        {
            requests["storage"] = size;
        }
        return resources with { Requests = requests };
    }
}
