using Kybernet.Api.Flowcontrol.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>Tells which requests are a flow schema's, and which of those are one flow.</summary>
internal sealed class FlowSchemaMatcher(FlowSchema schema)
{
    private const string Any = "*";

    public string Name { get; } = schema.Metadata.Name ?? "";

    public string Uid { get; } = schema.Metadata.Uid ?? "";

    /// <summary>The name of its priority level.</summary>
    public string Level { get; } = schema.Spec.PriorityLevelConfiguration.Name;

    /// <summary>Schemas of a lower precedence are asked first.</summary>
    public int Precedence { get; } = schema.Spec.MatchingPrecedence ?? 1000;

    /// <summary>Whether a request is one of its.</summary>
    public bool Matches(UserInfo user, RequestInfo request)
    {
        foreach (var rule in schema.Spec.Rules)
        {
            if (rule.Subjects.Any(subject => IsOf(subject, user))
                && (request.IsResourceRequest
                    ? rule.ResourceRules.Any(resources => Matches(resources, request))
                    : rule.NonResourceRules.Any(paths => Matches(paths, request))))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The flow that one of its requests belongs to.</summary>
    public string DistinguisherOf(UserInfo user, RequestInfo request) => schema.Spec.DistinguisherMethod?.Type switch
    {
        "ByUser" => user.Name,
        "ByNamespace" => request.Namespace,
        _ => "",
    };

    private static bool IsOf(Subject subject, UserInfo user) => subject.Kind switch
    {
        "User" => subject.User?.Name is { } name && (name == Any || name == user.Name),
        "Group" => subject.Group?.Name is { } group && (group == Any || user.Groups.Contains(group)),
        "ServiceAccount" => subject.ServiceAccount is { } account && IsAccount(account, user.Name),
        _ => false,
    };

    private static bool IsAccount(ServiceAccountSubject account, string user)
    {
        const string Prefix = "system:serviceaccount:";
        if (!user.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }
        var rest = user.AsSpan(Prefix.Length);
        var colon = rest.IndexOf(':');
        return colon >= 0 && rest[..colon].SequenceEqual(account.Namespace) && (account.Name == Any || rest[(colon + 1)..].SequenceEqual(account.Name));
    }

    private static bool Matches(ResourcePolicyRule rule, RequestInfo request) =>
        Has(rule.Verbs, request.Verb)
        && Has(rule.ApiGroups, request.ApiGroup)
        && Has(rule.Resources, request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}")
        && (request.Namespace.Length == 0 ? rule.ClusterScope == true : Has(rule.Namespaces, request.Namespace));

    private static bool Matches(NonResourcePolicyRule rule, RequestInfo request) =>
        Has(rule.Verbs, request.Verb) && rule.NonResourceURLs.Any(pattern => pattern == Any || pattern == request.Path
            || (pattern.EndsWith("/*", StringComparison.Ordinal) && request.Path.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1))));

    private static bool Has(IReadOnlyList<string> allowed, string value)
    {
        foreach (var item in allowed)
        {
            if (item == Any || item == value)
            {
                return true;
            }
        }
        return false;
    }
}
