using System.Globalization;
using Kybernet.Api.Batch.V1;

namespace Kybernet.Controllers.Jobs;

/// <summary>Whether the indexes that have succeeded are enough for a Job's success policy.</summary>
internal static class SuccessRules
{
    /// <returns>Which rule is met; null where none is.</returns>
    public static string? Match(SuccessPolicy? policy, int completions, IndexSet succeeded)
    {
        for (var i = 0; i < (policy?.Rules.Count ?? 0); i++)
        {
            if (IsMet(policy!.Rules[i], completions, succeeded))
            {
                return string.Create(CultureInfo.InvariantCulture, $"Matched rules at index {i}");
            }
        }
        return null;
    }

    private static bool IsMet(SuccessPolicyRule rule, int completions, IndexSet succeeded)
    {
        if (rule.SucceededIndexes is not { } text)
        {
            return rule.SucceededCount is { } count && succeeded.Count >= count;
        }
        var required = IndexSet.Parse(text, completions);
        return required.CountOf(succeeded) >= (rule.SucceededCount ?? required.Count);
    }
}
