using Kybernet.Api;
using Kybernet.Api.Storage.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>CSIDrivers.</summary>
internal static class CsiDrivers
{
    private const long ShortestToken = 600;
    private const long LongestToken = 1L << 32;
    private const int ShortestPeriod = 10;

    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<CSIDriver>().Spec;
        errors.OneOf(spec.FsGroupPolicy, Spec, "fsGroupPolicy", ["File", "None", "ReadWriteOnceWithFSType"]);
        Tokens(spec.TokenRequests, Spec.Child("tokenRequests"), errors);
        foreach (var mode in spec.VolumeLifecycleModes)
        {
            if (mode is not ("Persistent" or "Ephemeral"))
            {
                errors.NotSupported(Spec.Child("volumeLifecycleModes"), mode, ["Persistent", "Ephemeral"]);
            }
        }
        if (spec.NodeAllocatableUpdatePeriodSeconds < ShortestPeriod)
        {
            errors.Invalid(Spec.Child("nodeAllocatableUpdatePeriodSeconds"), spec.NodeAllocatableUpdatePeriodSeconds,
                $"must be greater than or equal to {ShortestPeriod} seconds");
        }
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (spec, old) = (item.As<CSIDriver>().Spec, previous.As<CSIDriver>().Spec);
        if (spec.AttachRequired != old.AttachRequired)
        {
            errors.Invalid(Spec.Child("attachedRequired"), spec.AttachRequired, FieldRules.Immutable); // upstream's path, though no field is called so
        }
        if (!spec.VolumeLifecycleModes.SequenceEqual(old.VolumeLifecycleModes))
        {
            errors.InvalidList(Spec.Child("volumeLifecycleModes"), spec.VolumeLifecycleModes, FieldRules.Immutable);
        }
    }

    private static void Tokens(IReadOnlyList<TokenRequest> requests, FieldPath path, FieldErrors errors)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests.Take(i).Any(other => other.Audience == requests[i].Audience))
            {
                errors.Duplicate(path.Index(i).Child("audience"), requests[i].Audience);
            }
            else if (requests[i].ExpirationSeconds < ShortestToken)
            {
                errors.Invalid(path.Index(i).Child("expirationSeconds"), requests[i].ExpirationSeconds, "may not specify a duration less than 10 minutes");
            }
            else if (requests[i].ExpirationSeconds > LongestToken)
            {
                errors.Invalid(path.Index(i).Child("expirationSeconds"), requests[i].ExpirationSeconds, "may not specify a duration larger than 2^32 seconds");
            }
        }
    }
}
