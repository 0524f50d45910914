using Kybernet.Api;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Autoscaling;

/// <summary>HorizontalPodAutoscalers, in either version.</summary>
internal static class HorizontalPodAutoscalers
{
    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<HorizontalPodAutoscaler>().Spec;
        var path = FieldPath.Of("spec");
        if (spec.MinReplicas is < 1)
        {
            errors.Invalid(path.Child("minReplicas"), spec.MinReplicas, "must be greater than or equal to 1");
        }
        if (spec.MaxReplicas < 1)
        {
            errors.Invalid(path.Child("maxReplicas"), spec.MaxReplicas, "must be greater than 0");
        }
        if (spec.MinReplicas > spec.MaxReplicas)
        {
            errors.Invalid(path.Child("maxReplicas"), spec.MaxReplicas, "must be greater than or equal to `minReplicas`");
        }
        var target = path.Child("scaleTargetRef");
        if (errors.Needs(spec.ScaleTargetRef.Kind, target, "kind"))
        {
            errors.Name(spec.ScaleTargetRef.Kind, target, "kind", NameRules.PathSegment);
        }
        if (errors.Needs(spec.ScaleTargetRef.Name, target, "name"))
        {
            errors.Name(spec.ScaleTargetRef.Name, target, "name", NameRules.PathSegment);
        }
    }
}
