using Kybernet.Api;
using Kybernet.Api.Policy.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Apps;

namespace Kybernet.ApiServer.Resources.Policy;

/// <summary>PodDisruptionBudgets.</summary>
internal static class DisruptionBudgets
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public static TableDefinition Table { get; } = new(
        [
            Columns.Name,
            Columns.Text("Min Available", "The minimum number of pods that must be available."),
            Columns.Text("Max Unavailable", "The maximum number of pods that may be unavailable."),
            Columns.Number("Allowed Disruptions", "Calculated number of pods that may be disrupted at this time."),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var budget = item.As<PodDisruptionBudget>();
            return
            [
                budget.Metadata.Name, budget.Spec.MinAvailable?.ToString() ?? "N/A", budget.Spec.MaxUnavailable?.ToString() ?? "N/A",
                (long)(budget.Status.DisruptionsAllowed ?? 0), Columns.AgeOf(budget.Metadata, now),
            ];
        });

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
