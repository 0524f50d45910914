using Kybernet.Api;
using Kybernet.Api.Policy.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Apps;

namespace Kybernet.ApiServer.Resources.Policy;

/// <summary>PodDisruptionBudgets.</summary>
internal static class DisruptionBudgets
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public static TableDefinition Table { get; } = TableBuilder.For<PodDisruptionBudget>()
        .Name()
        .Text("Min Available", "The minimum number of pods that must be available.", static item => item.Spec.MinAvailable?.ToString() ?? "N/A")
        .Text("Max Unavailable", "The maximum number of pods that may be unavailable.", static item => item.Spec.MaxUnavailable?.ToString() ?? "N/A")
        .Number("Allowed Disruptions", "Calculated number of pods that may be disrupted at this time.", static item => item.Status.DisruptionsAllowed ?? 0)
        .Age()
        .Build();

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<PodDisruptionBudget>().Spec;
        if (spec is { MinAvailable: not null, MaxUnavailable: not null })
        {
            errors.Invalid(Spec, spec, "minAvailable and maxUnavailable cannot be both set");
        }
        foreach (var (value, field) in new[] { (spec.MinAvailable, "minAvailable"), (spec.MaxUnavailable, "maxUnavailable") })
        {
            WorkloadValidation.CountOrPercentage(value, Spec.Child(field), errors);
            WorkloadValidation.NotMoreThanAll(value, Spec.Child(field), errors);
        }
        LabelRules.ValidateSelector(spec.Selector, Spec.Child("selector"), errors);
        errors.OneOf(spec.UnhealthyPodEvictionPolicy, Spec, "unhealthyPodEvictionPolicy", ["AlwaysAllow", "IfHealthyBudget"]);
    }
}
