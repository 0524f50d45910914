using Kybernet.Api.Meta.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authorization.Rbac;

namespace Kybernet.ApiServer.Bootstrap;

/// <summary>
/// What a start does with default roles and bindings that exist already: what is missing of them is put back, what was added is left, and those
/// whose owner has set the annotation to <c>false</c> are not touched.
/// </summary>
internal static class RbacReconciliation
{
    public const string AutoUpdateAnnotation = "rbac.authorization.kubernetes.io/autoupdate";

    /// <summary>The role as it should be; null where it is so already.</summary>
    public static ClusterRole? Reconcile(ClusterRole expected, ClusterRole actual)
    {
        if (IsProtected(actual.Metadata))
        {
            return null;
        }
        var rules = actual.Rules;
        var aggregation = actual.AggregationRule;
        if (expected.AggregationRule is null)
        {
            rules = WithMissing(expected.Rules, actual.Rules);
        }
        else
        {
            aggregation = WithMissing(expected.AggregationRule, actual.AggregationRule);
        }
        var reconciled = actual with { Metadata = WithMissing(expected.Metadata, actual.Metadata), Rules = rules, AggregationRule = aggregation };
        return ModelJson.Same(reconciled, actual) ? null : reconciled;
    }

    /// <summary>The role as it should be; null where it is so already.</summary>
    public static Role? Reconcile(Role expected, Role actual)
    {
        if (IsProtected(actual.Metadata))
        {
            return null;
        }
        var reconciled = actual with { Metadata = WithMissing(expected.Metadata, actual.Metadata), Rules = WithMissing(expected.Rules, actual.Rules) };
        return ModelJson.Same(reconciled, actual) ? null : reconciled;
    }

    /// <summary>The binding as it should be; null where it is so already. Where it names another role, it has to be made anew.</summary>
    public static ClusterRoleBinding? Reconcile(ClusterRoleBinding expected, ClusterRoleBinding actual, out bool mustRecreate)
    {
        mustRecreate = false;
        if (IsProtected(actual.Metadata))
        {
            return null;
        }
        mustRecreate = !ModelJson.Same(expected.RoleRef, actual.RoleRef);
        var reconciled = actual with { Metadata = WithMissing(expected.Metadata, actual.Metadata), Subjects = WithMissing(expected.Subjects, actual.Subjects) };
        return mustRecreate ? expected : ModelJson.Same(reconciled, actual) ? null : reconciled;
    }

    /// <summary>The binding as it should be; null where it is so already. Where it names another role, it has to be made anew.</summary>
    public static RoleBinding? Reconcile(RoleBinding expected, RoleBinding actual, out bool mustRecreate)
    {
        mustRecreate = false;
        if (IsProtected(actual.Metadata))
        {
            return null;
        }
        mustRecreate = !ModelJson.Same(expected.RoleRef, actual.RoleRef);
        var reconciled = actual with { Metadata = WithMissing(expected.Metadata, actual.Metadata), Subjects = WithMissing(expected.Subjects, actual.Subjects) };
        return mustRecreate ? expected : ModelJson.Same(reconciled, actual) ? null : reconciled;
    }

    private static bool IsProtected(ObjectMeta metadata) => metadata.Annotations.TryGetValue(AutoUpdateAnnotation, out var value) && value == "false";

    private static ObjectMeta WithMissing(ObjectMeta expected, ObjectMeta actual) => actual with
    {
        Labels = WithMissing(expected.Labels, actual.Labels),
        Annotations = WithMissing(expected.Annotations, actual.Annotations),
    };

    private static IReadOnlyDictionary<string, string> WithMissing(IReadOnlyDictionary<string, string> expected, IReadOnlyDictionary<string, string> actual)
    {
        if (expected.Keys.All(actual.ContainsKey))
        {
            return actual;
        }
        var merged = new Dictionary<string, string>(actual, StringComparer.Ordinal);
        foreach (var (key, value) in expected)
        {
            merged.TryAdd(key, value);
        }
        return merged;
    }

    private static IReadOnlyList<PolicyRule> WithMissing(IReadOnlyList<PolicyRule> expected, IReadOnlyList<PolicyRule> actual)
    {
        var missing = RuleCover.Missing(actual, expected);
        return missing.Count == 0 ? actual : [.. actual, .. missing];
    }

    private static IReadOnlyList<Subject> WithMissing(IReadOnlyList<Subject> expected, IReadOnlyList<Subject> actual)
    {
        var missing = expected.Where(wanted => !actual.Any(subject => ModelJson.Same(subject, wanted))).ToArray();
        return missing.Length == 0 ? actual : [.. actual, .. missing];
    }

    private static AggregationRule WithMissing(AggregationRule expected, AggregationRule? actual)
    {
        if (actual is null)
        {
            return expected;
        }
        var missing = expected.ClusterRoleSelectors.Where(wanted => !actual.ClusterRoleSelectors.Any(selector => ModelJson.Same(selector, wanted))).ToArray();
        return missing.Length == 0 ? actual : actual with { ClusterRoleSelectors = [.. actual.ClusterRoleSelectors, .. missing] };
    }
}
