using System.Collections.Concurrent;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>Everything that one user is granted, at one version of the roles; remembers what it has decided.</summary>
/// <param name="version">The version of the roles and bindings.</param>
/// <param name="everywhere">What holds in every namespace and outside of them.</param>
/// <param name="byNamespace">What holds in one namespace only.</param>
internal sealed class UserGrants(long version, Grant[] everywhere, Dictionary<string, Grant[]> byNamespace)
{
    /// <summary>Names of namespaces come from the client: whoever asks for ever new ones must not fill the memory.</summary>
    private const int MaxRemembered = 2048;

    private readonly ConcurrentDictionary<Question, AuthorizationDecision> _remembered = new();

    public long Version { get; } = version;

    /// <summary>What holds in a namespace, or for what has none; the cluster-wide grants come first.</summary>
    public IEnumerable<Grant> In(string @namespace)
    {
        foreach (var grant in everywhere)
        {
            yield return grant;
        }
        if (@namespace.Length > 0 && byNamespace.TryGetValue(@namespace, out var grants))
        {
            foreach (var grant in grants)
            {
                yield return grant;
            }
        }
    }

    public AuthorizationDecision Decide(RequestInfo request)
    {
        if (!request.IsResourceRequest)
        {
            return Search(request, out _);
        }
        var question = new Question(request.Verb, request.ApiGroup, request.Resource, request.Subresource, request.Namespace);
        if (_remembered.TryGetValue(question, out var decision))
        {
            return decision;
        }
        decision = Search(request, out var dependsOnName);
        if (!dependsOnName)
        {
            if (_remembered.Count >= MaxRemembered)
            {
                _remembered.Clear();
            }
            _remembered[question] = decision;
        }
        return decision;
    }

    private AuthorizationDecision Search(RequestInfo request, out bool dependsOnName)
    {
        dependsOnName = false;
        foreach (var grant in In(request.Namespace))
        {
            foreach (var rule in grant.Rules)
            {
                if (!RuleMatcher.AllowsSomeNames(rule, request))
                {
                    continue;
                }
                if (!request.IsResourceRequest || rule.ResourceNames.Count == 0)
                {
                    return new AuthorizationDecision(true, grant.Reason);
                }
                dependsOnName = true;
                if (RuleMatcher.NameMatches(rule, request.Name))
                {
                    return new AuthorizationDecision(true, grant.Reason);
                }
            }
        }
        return new AuthorizationDecision(false, Missing(request.Namespace));
    }

    /// <summary>Which of the roles that might have allowed it do not exist.</summary>
    private string Missing(string @namespace)
    {
        List<string>? missing = null;
        foreach (var grant in In(@namespace))
        {
            if (grant.Missing.Length > 0 && !(missing ??= []).Contains(grant.Missing))
            {
                missing.Add(grant.Missing);
            }
        }
        return missing switch
        {
            null => "",
            [var one] => $"RBAC: {one}",
            _ => $"RBAC: [{string.Join(", ", missing)}]",
        };
    }

    private readonly record struct Question(string Verb, string Group, string Resource, string Subresource, string Namespace);
}
