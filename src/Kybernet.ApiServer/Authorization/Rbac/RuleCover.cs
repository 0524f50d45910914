using Kybernet.Api.Rbac.V1;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>Whether what somebody holds covers what they would give away.</summary>
internal static class RuleCover
{
    /// <summary>What of the wanted rules the held ones do not cover, broken down to one verb, group and resource each.</summary>
    public static IReadOnlyList<PolicyRule> Missing(IReadOnlyList<PolicyRule> held, IReadOnlyList<PolicyRule> wanted)
    {
        var missing = new List<PolicyRule>();
        foreach (var rule in wanted)
        {
            foreach (var part in BreakDown(rule))
            {
                if (!held.Any(owner => Covers(owner, part)))
                {
                    missing.Add(part);
                }
            }
        }
        return Compact(missing);
    }

    /// <summary>A rule as upstream's messages print it.</summary>
    public static string Describe(PolicyRule rule)
    {
        var parts = new List<string>();
        Add("APIGroups", rule.ApiGroups);
        Add("Resources", rule.Resources);
        Add("NonResourceURLs", rule.NonResourceURLs);
        Add("ResourceNames", rule.ResourceNames);
        Add("Verbs", rule.Verbs);
        return $"{{{string.Join(", ", parts)}}}";

        void Add(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                parts.Add($"{name}:{GoText.Quote(values)}");
            }
        }
    }

    private static IEnumerable<PolicyRule> BreakDown(PolicyRule rule)
    {
        foreach (var group in rule.ApiGroups)
        {
            foreach (var resource in rule.Resources)
            {
                foreach (var verb in rule.Verbs)
                {
                    var part = new PolicyRule { ApiGroups = [group], Resources = [resource], Verbs = [verb] };
                    if (rule.ResourceNames.Count == 0)
                    {
                        yield return part;
                    }
                    foreach (var name in rule.ResourceNames)
                    {
                        yield return part with { ResourceNames = [name] };
                    }
                }
            }
        }
        foreach (var path in rule.NonResourceURLs)
        {
            foreach (var verb in rule.Verbs)
            {
                yield return new PolicyRule { NonResourceURLs = [path], Verbs = [verb] };
            }
        }
    }

    private static bool Covers(PolicyRule owner, PolicyRule part)
    {
        if (!HasAll(owner.Verbs, part.Verbs))
        {
            return false;
        }
        if (part.NonResourceURLs.Count > 0)
        {
            return part.NonResourceURLs.All(path => owner.NonResourceURLs.Any(held => held == path || (held.EndsWith('*')
                && path.StartsWith(held.TrimEnd('*'), StringComparison.Ordinal))));
        }
        return HasAll(owner.ApiGroups, part.ApiGroups)
            && part.Resources.All(resource => CoversResource(owner.Resources, resource))
            && (owner.ResourceNames.Count == 0 || (part.ResourceNames.Count > 0 && part.ResourceNames.All(owner.ResourceNames.Contains)));
    }

    private static bool HasAll(IReadOnlyList<string> held, IReadOnlyList<string> wanted) => held.Contains(RuleMatcher.All) || wanted.All(held.Contains);

    private static bool CoversResource(IReadOnlyList<string> held, string resource) =>
        held.Contains(RuleMatcher.All) || held.Contains(resource)
        || (resource.IndexOf('/') is >= 0 and var slash && held.Contains($"*{resource[slash..]}"));

    /// <summary>Puts verbs of the same group and resource together, as upstream does for messages.</summary>
    private static List<PolicyRule> Compact(List<PolicyRule> parts)
    {
        var compact = new List<PolicyRule>();
        var byResource = new Dictionary<(string Group, string Resource, string Name), int>();
        foreach (var part in parts)
        {
            if (part.NonResourceURLs.Count > 0)
            {
                compact.Add(part);
                continue;
            }
            var key = (part.ApiGroups[0], part.Resources[0], part.ResourceNames.Count == 0 ? "" : part.ResourceNames[0]);
            if (byResource.TryGetValue(key, out var index))
            {
                compact[index] = compact[index] with { Verbs = [.. compact[index].Verbs, .. part.Verbs] };
            }
            else
            {
                byResource[key] = compact.Count;
                compact.Add(part);
            }
        }
        return compact;
    }
}
