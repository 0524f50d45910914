using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>What the workloads have in common: a selector that stays, and counts that may be shares of the whole.</summary>
internal static class WorkloadValidation
{
    /// <summary>The spec of a workload.</summary>
    public static FieldPath Spec { get; } = FieldPath.Of("spec");

    /// <summary>Says what is wrong with the selector of a workload's pods.</summary>
    public static void Selector(LabelSelector? selector, string kind, FieldErrors errors)
    {
        var path = Spec.Child("selector");
        if (selector is null || ReferenceEquals(selector, LabelSelector.Empty))
        {
            errors.Required(path);
            return;
        }
        LabelRules.ValidateSelector(selector, path, errors);
        if (selector is { MatchLabels.Count: 0, MatchExpressions.Count: 0 })
        {
            errors.Invalid(path, selector, $"empty selector is invalid for {kind}");
        }
    }

    /// <summary>Says that the selector may not change.</summary>
    public static void SameSelector(LabelSelector? selector, LabelSelector? previous, FieldErrors errors) =>
        errors.Unchanged(selector, previous, Spec.Child("selector"));

    /// <summary>A count that is not negative, or a percentage.</summary>
    public static void CountOrPercentage(IntOrString? value, FieldPath path, FieldErrors errors)
    {
        if (value is not { } given)
        {
            return;
        }
        if (given.IsInt)
        {
            if (given.IntValue < 0)
            {
                errors.Invalid(path, given.IntValue, FieldRules.Negative);
            }
        }
        else if (Percentage(given) is null)
        {
            errors.Invalid(path, given.StringValue,
                "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
        }
    }

    /// <summary>A percentage of at most the whole.</summary>
    public static void NotMoreThanAll(IntOrString? value, FieldPath path, FieldErrors errors)
    {
        if (value is { } given && Percentage(given) > 100)
        {
            errors.Invalid(path, given.StringValue, "must not be greater than 100%");
        }
    }

    /// <summary>The number of a percentage; null where it is a count or malformed.</summary>
    public static int? Percentage(IntOrString value) =>
        !value.IsInt && value.StringValue is { Length: > 1 } text && text[^1] == '%'
        && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
            ? percent : null;

    /// <summary>The number of a count or of a percentage; null where it is malformed.</summary>
    public static int? NumberOf(IntOrString? value) => value is not { } given ? null : given.IsInt ? given.IntValue : Percentage(given);
}
