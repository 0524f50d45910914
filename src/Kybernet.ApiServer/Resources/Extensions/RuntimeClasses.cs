using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Node.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>RuntimeClasses.</summary>
internal static class RuntimeClasses
{
    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var runtimeClass = item.As<RuntimeClass>();
        errors.Invalid(FieldPath.Of("handler"), runtimeClass.Handler, NameRules.Label(runtimeClass.Handler));
        if (runtimeClass.Overhead is { } overhead)
        {
            ResourceValidation.Overhead(
                overhead.PodFixed, FieldPath.Of("overhead"), new PodValidationContext(PodSpec.Empty, PodName: null, IsPod: false, errors));
        }
        if (runtimeClass.Scheduling is { } scheduling)
        {
            var path = FieldPath.Of("scheduling");
            LabelRules.ValidateLabels(scheduling.NodeSelector, path.Child("nodeSelector"), errors);
            SchedulingValidation.Tolerations(scheduling.Tolerations, path.Child("tolerations"), errors);
            NoDuplicates(scheduling.Tolerations, path.Child("tolerations"), errors);
        }
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var handler = item.As<RuntimeClass>().Handler;
        if (handler != previous.As<RuntimeClass>().Handler)
        {
            errors.Invalid(FieldPath.Of("handler"), handler, FieldRules.Immutable);
        }
    }

    private static void NoDuplicates(IReadOnlyList<Toleration> tolerations, FieldPath path, FieldErrors errors)
    {
        for (var i = 1; i < tolerations.Count; i++)
        {
            if (tolerations.Take(i).Any(other => ModelJson.Same(other, tolerations[i])))
            {
                errors.Duplicate(path.Index(i), ModelJson.ToText(tolerations[i]));
            }
        }
    }
}
