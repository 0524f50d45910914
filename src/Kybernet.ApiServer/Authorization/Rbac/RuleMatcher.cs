using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>Whether a rule allows a request, exactly as upstream sees it.</summary>
internal static class RuleMatcher
{
    public const string All = "*";

    /// <summary>Whether the rule allows the request, its name included.</summary>
    public static bool Allows(PolicyRule rule, RequestInfo request) =>
        AllowsSomeNames(rule, request) && (!request.IsResourceRequest || NameMatches(rule, request.Name));

    /// <summary>Whether the rule allows the request for some names at least.</summary>
    public static bool AllowsSomeNames(PolicyRule rule, RequestInfo request) => request.IsResourceRequest
        ? Has(rule.Verbs, request.Verb) && Has(rule.ApiGroups, request.ApiGroup) && ResourceMatches(rule, request.Resource, request.Subresource)
        : Has(rule.Verbs, request.Verb) && PathMatches(rule, request.Path);

    /// <summary>Whether the rule says nothing of names, or has this one.</summary>
    public static bool NameMatches(PolicyRule rule, string name) => rule.ResourceNames.Count == 0 || Contains(rule.ResourceNames, name);

    private static bool Has(IReadOnlyList<string> values, string wanted)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] == All || values[i] == wanted)
            {
                return true;
            }
        }
        return false;
    }

    private static bool Contains(IReadOnlyList<string> values, string wanted)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] == wanted)
            {
                return true;
            }
        }
        return false;
    }

    private static bool ResourceMatches(PolicyRule rule, string resource, string subresource)
    {
        for (var i = 0; i < rule.Resources.Count; i++)
        {
            var candidate = rule.Resources[i];
            if (candidate == All || IsResource(candidate, resource, subresource) || IsAnyResourceWith(candidate, subresource))
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsResource(string candidate, string resource, string subresource) => subresource.Length == 0
        ? candidate == resource
        : candidate.Length == resource.Length + 1 + subresource.Length && candidate[resource.Length] == '/'
            && candidate.StartsWith(resource, StringComparison.Ordinal) && candidate.EndsWith(subresource, StringComparison.Ordinal);

    /// <summary>Whether it is as in <c>*/scale</c>.</summary>
    private static bool IsAnyResourceWith(string candidate, string subresource) =>
        subresource.Length > 0 && candidate.Length == subresource.Length + 2
        && candidate.StartsWith("*/", StringComparison.Ordinal) && candidate.EndsWith(subresource, StringComparison.Ordinal);

    private static bool PathMatches(PolicyRule rule, string path)
    {
        for (var i = 0; i < rule.NonResourceURLs.Count; i++)
        {
            var candidate = rule.NonResourceURLs[i];
            if (candidate == All || candidate == path
                || (candidate.EndsWith('*') && path.AsSpan().StartsWith(candidate.AsSpan().TrimEnd('*'), StringComparison.Ordinal)))
            {
                return true;
            }
        }
        return false;
    }
}
