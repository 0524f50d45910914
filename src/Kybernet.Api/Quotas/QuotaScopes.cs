using Kybernet.Api.Core.V1;

namespace Kybernet.Api.Quotas;

/// <summary>Which pods a quota with scopes is about. Things other than pods are never in a scope.</summary>
public static class QuotaScopes
{
    /// <summary>Whether a quota counts a pod.</summary>
    public static bool Match(ResourceQuotaSpec quota, Pod pod)
    {
        foreach (var scope in quota.Scopes)
        {
            if (!Match(scope, "Exists", [], pod))
            {
                return false;
            }
        }
        foreach (var requirement in quota.ScopeSelector?.MatchExpressions ?? [])
        {
            if (!Match(requirement.ScopeName, requirement.Operator, requirement.Values, pod))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether a quota has any scope.</summary>
    public static bool HasAny(ResourceQuotaSpec quota) => quota.Scopes.Count > 0 || quota.ScopeSelector is { MatchExpressions.Count: > 0 };

    private static bool Match(string scope, string @operator, IReadOnlyList<string> values, Pod pod) => scope switch
    {
        "Terminating" => IsTerminating(pod),
        "NotTerminating" => !IsTerminating(pod),
        "BestEffort" => IsBestEffort(pod.Spec),
        "NotBestEffort" => !IsBestEffort(pod.Spec),
        "PriorityClass" => MatchClass(pod.Spec.PriorityClassName ?? "", @operator, values),
        "CrossNamespacePodAffinity" => CrossesNamespaces(pod.Spec.Affinity),
        _ => false,
    };

    private static bool IsTerminating(Pod pod) => pod.Spec.ActiveDeadlineSeconds >= 0;

    private static bool IsBestEffort(PodSpec spec)
    {
        foreach (var container in spec.Containers.Concat(spec.InitContainers))
        {
            if (container.Resources is { } resources && (HasCompute(resources.Requests) || HasCompute(resources.Limits)))
            {
                return false;
            }
        }
        return true;
    }

    private static bool HasCompute(IReadOnlyDictionary<string, Quantity> asked) =>
        (asked.TryGetValue("cpu", out var cpu) && cpu.Sign > 0) || (asked.TryGetValue("memory", out var memory) && memory.Sign > 0);

    private static bool MatchClass(string name, string @operator, IReadOnlyList<string> values) => @operator switch
    {
        "In" => values.Contains(name),
        "NotIn" => !values.Contains(name),
        "DoesNotExist" => name.Length == 0,
        _ => name.Length > 0,
    };

    private static bool CrossesNamespaces(Affinity? affinity) =>
        Terms(affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution)
            .Concat(Terms(
                affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution))
            .Any(static term => term.Namespaces.Count > 0 || term.NamespaceSelector is not null);

    private static IEnumerable<PodAffinityTerm> Terms(IReadOnlyList<PodAffinityTerm>? required, IReadOnlyList<WeightedPodAffinityTerm>? preferred) =>
        (required ?? []).Concat((preferred ?? []).Select(static weighted => weighted.PodAffinityTerm));
}
