using Kybernet.Api.Batch.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Batch;

/// <summary>The spec of a job, by itself or in a CronJob.</summary>
internal static class JobValidation
{
    private static readonly string[] Modes = ["NonIndexed", "Indexed"];

    /// <summary>Says what is wrong with a spec.</summary>
    public static void Validate(JobSpec spec, FieldPath path, FieldErrors errors)
    {
        errors.NonNegative(spec.Parallelism, path, "parallelism");
        errors.NonNegative(spec.Completions, path, "completions");
        errors.NonNegative(spec.ActiveDeadlineSeconds, path, "activeDeadlineSeconds");
        errors.NonNegative(spec.BackoffLimit, path, "backoffLimit");
        errors.NonNegative(spec.TtlSecondsAfterFinished, path, "ttlSecondsAfterFinished");
        errors.NonNegative(spec.BackoffLimitPerIndex, path, "backoffLimitPerIndex");
        errors.OneOf(spec.CompletionMode, path, "completionMode", Modes);
        if (spec.CompletionMode == "Indexed" && spec.Completions is null)
        {
            errors.Required(path.Child("completions"), "when completion mode is Indexed");
        }
        PodTemplateValidation.Validate(spec.Template, path.Child("template"), errors);
        if (spec.Template.Spec.RestartPolicy is null or "Always")
        {
            errors.Add(FieldErrorReason.FieldValueRequired, path.Child("template").Child("spec").Child("restartPolicy"),
                "Required value: valid values: \"OnFailure\", \"Never\"");
        }
        else if (spec.Template.Spec.RestartPolicy is not ("OnFailure" or "Never"))
        {
            errors.NotSupported(path.Child("template").Child("spec").Child("restartPolicy"), spec.Template.Spec.RestartPolicy, ["OnFailure", "Never"]);
        }
    }
}
