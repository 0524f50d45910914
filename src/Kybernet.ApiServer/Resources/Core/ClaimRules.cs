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
            StorageClassName = old.Spec.StorageClassName ?? (claim.Spec.StorageClassName is null ? null : old.Spec.StorageClassName),
            Resources = isBound ? old.Spec.Resources : claim.Spec.Resources,
            VolumeAttributesClassName = isBound && claim.Spec.VolumeAttributesClassName is not null
                ? old.Spec.VolumeAttributesClassName : claim.Spec.VolumeAttributesClassName,
        };
        if (old.Spec.StorageClassName is not null)
        {
            comparable = comparable with { StorageClassName = claim.Spec.StorageClassName };
        }
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
    }

    private static Quantity? Size(PersistentVolumeClaim claim) =>
        claim.Spec.Resources is { } resources && resources.Requests.TryGetValue("storage", out var size) ? size : null;
}
