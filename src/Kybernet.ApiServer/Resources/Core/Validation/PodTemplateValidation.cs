using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>Templates of pods, as the workloads carry them.</summary>
internal static class PodTemplateValidation
{
    /// <summary>Says what is wrong with a template.</summary>
    public static void Validate(PodTemplateSpec template, FieldPath path, FieldErrors errors)
    {
        LabelRules.ValidateLabels(template.Metadata.Labels, path.Child("labels"), errors);
        LabelRules.ValidateAnnotations(template.Metadata.Annotations, path.Child("annotations"), errors);
        PodAnnotationValidation.Validate(template.Metadata.Annotations, template.Spec, path.Child("annotations"), errors);
        PodSpecValidation.Validate(path.Child("spec"), new PodValidationContext(template.Spec, PodName: null, IsPod: false, errors));
        if (template.Spec.EphemeralContainers.Count > 0)
        {
            errors.Forbidden(path.Child("spec").Child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
        }
    }

    /// <summary>Says what is wrong with the template of a workload that keeps its pods running.</summary>
    /// <param name="template">The template.</param>
    /// <param name="selector">What selects the workload's pods.</param>
    /// <param name="workload">The workload's kind, as messages spell it.</param>
    /// <param name="path">The template's path.</param>
    /// <param name="errors">Where causes go.</param>
    public static void ValidateRunning(PodTemplateSpec template, LabelSelector? selector, string workload, FieldPath path, FieldErrors errors)
    {
        if (selector is not null && (selector.MatchLabels.Count > 0 || selector.MatchExpressions.Count > 0)
            && !LabelRules.Matches(selector, template.Metadata.Labels))
        {
            errors.InvalidMap(path.Child("metadata").Child("labels"), template.Metadata.Labels, "`selector` does not match template `labels`");
        }
        Validate(template, path, errors);
        if (template.Spec.RestartPolicy is not (null or "Always"))
        {
            errors.NotSupported(path.Child("spec").Child("restartPolicy"), template.Spec.RestartPolicy, ["Always"]);
        }
        if (template.Spec.ActiveDeadlineSeconds is not null)
        {
            errors.Forbidden(path.Child("spec").Child("activeDeadlineSeconds"), $"activeDeadlineSeconds in {workload} is not Supported");
        }
    }
}
