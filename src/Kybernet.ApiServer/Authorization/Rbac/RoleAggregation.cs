using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>What a cluster role that gathers others' rules should consist of.</summary>
internal static class RoleAggregation
{
    /// <summary>The rules of all roles that the role's selectors match, in the roles' order by name, each once; null where it gathers none.</summary>
    public static IReadOnlyList<PolicyRule>? RulesOf(ClusterRole role, IEnumerable<ClusterRole> all)
    {
        if (role.AggregationRule is not { } aggregation)
        {
            return null;
        }
        var sources = all.Where(other => other.Metadata.Name != role.Metadata.Name)
            .OrderBy(other => other.Metadata.Name, StringComparer.Ordinal)
            .ToArray();
        var rules = new List<PolicyRule>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var selector in aggregation.ClusterRoleSelectors)
        {
            foreach (var source in sources)
            {
                if (!Matches(selector, source.Metadata.Labels))
                {
                    continue;
                }
                foreach (var rule in source.Rules)
                {
                    if (seen.Add(ModelJson.ToText(rule)))
                    {
                        rules.Add(rule);
                    }
                }
            }
        }
        return rules;
    }

    /// <summary>Whether two lists say the same in the same order.</summary>
    public static bool Same(IReadOnlyList<PolicyRule> left, IReadOnlyList<PolicyRule> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }
        for (var i = 0; i < left.Count; i++)
        {
            if (!ModelJson.Same(left[i], right[i]))
            {
                return false;
            }
        }
        return true;
    }

    private static bool Matches(LabelSelector selector, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in selector.MatchLabels)
        {
            if (!labels.TryGetValue(key, out var actual) || actual != value)
            {
                return false;
            }
        }
        foreach (var requirement in selector.MatchExpressions)
        {
            var has = labels.TryGetValue(requirement.Key, out var actual);
            var holds = requirement.Operator switch
            {
                "In" => has && requirement.Values.Contains(actual!),
                "NotIn" => !has || !requirement.Values.Contains(actual!),
                "Exists" => has,
                "DoesNotExist" => !has,
                _ => false,
            };
            if (!holds)
            {
                return false;
            }
        }
        return true;
    }
}
