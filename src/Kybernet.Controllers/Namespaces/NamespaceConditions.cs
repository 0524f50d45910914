using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Namespaces;

/// <summary>Tells why a namespace is not gone yet, in upstream's words.</summary>
internal static class NamespaceConditions
{
    public static IReadOnlyList<NamespaceCondition> Of(NamespaceOutcome outcome, IReadOnlyList<NamespaceCondition> known, DateTimeOffset now)
    {
        var conditions = known.ToList();
        Set("NamespaceDeletionDiscoveryFailure", outcome.DiscoveryFailures.Count > 0, "DiscoveryFailed",
            "Discovery failed for some groups, " + Count(outcome.DiscoveryFailures.Count) + " failing: " + string.Join(", ", outcome.DiscoveryFailures),
            "ResourcesDiscovered", "All resources successfully discovered");
        Set("NamespaceDeletionGroupVersionParsingFailure", false, "GroupVersionParsingFailed", "",
            "ParsedGroupVersions", "All legacy kube types successfully parsed");
        Set("NamespaceDeletionContentFailure", outcome.DeletionFailures.Count > 0, "ContentDeletionFailed",
            "Failed to delete all resource types, " + Count(outcome.DeletionFailures.Count) + " remaining: " + string.Join(", ", outcome.DeletionFailures.Order(StringComparer.Ordinal)),
            "ContentDeleted", "All content successfully deleted, may be waiting on finalization");
        Set("NamespaceContentRemaining", outcome.Left.Count > 0, "SomeResourcesRemain",
            "Some resources are remaining: " + string.Join(", ", outcome.Left
                .Select(static pair => pair.Key + (pair.Key.Group.Length == 0 ? "." : "") + " has " + Count(pair.Value) + " resource instances").Order(StringComparer.Ordinal)),
            "ContentRemoved", "All content successfully removed");
        Set("NamespaceFinalizersRemaining", outcome.Finalizers.Count > 0, "SomeFinalizersRemain",
            "Some content in the namespace has finalizers remaining: " + string.Join(", ", outcome.Finalizers
                .Select(static pair => pair.Key + " in " + Count(pair.Value) + " resource instances").Order(StringComparer.Ordinal)),
            "ContentHasNoFinalizers", "All content-preserving finalizers finished");
        return conditions;

        void Set(string type, bool isSo, string reason, string message, string otherReason, string otherMessage)
        {
            var wanted = new NamespaceCondition
            {
                Type = type,
                Status = isSo ? ConditionStatus.True : ConditionStatus.False,
                Reason = isSo ? reason : otherReason,
                Message = isSo ? message : otherMessage,
                LastTransitionTime = now,
            };
            var index = conditions.FindIndex(condition => condition.Type == type);
            if (index < 0)
            {
                conditions.Add(wanted);
            }
            else if (conditions[index] is var old && (old.Status, old.Reason, old.Message) != (wanted.Status, wanted.Reason, wanted.Message))
            {
                conditions[index] = old.Status == wanted.Status ? wanted with { LastTransitionTime = old.LastTransitionTime } : wanted;
            }
        }
    }

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}
