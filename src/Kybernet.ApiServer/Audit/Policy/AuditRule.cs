using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Audit.Policy;

/// <summary>Some resources of a group.</summary>
/// <param name="Group">The group; empty for the core group.</param>
/// <param name="Resources">As in <c>pods</c>, <c>pods/log</c>, <c>pods/*</c>, <c>*/status</c> and <c>*</c>; none for all.</param>
/// <param name="Names">The names of objects; none for all.</param>
internal sealed record AuditedResources(string Group, IReadOnlyList<string> Resources, IReadOnlyList<string> Names);

/// <summary>How requests of a kind are recorded. A list that is empty leaves nothing out.</summary>
/// <param name="Config">How they are.</param>
internal sealed record AuditRule(AuditConfig Config)
{
    /// <summary>By whom.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>By whom, as a member of any of these.</summary>
    public IReadOnlyList<string> UserGroups { get; init; } = [];

    /// <summary>What is done.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>In which namespaces; the empty name is for what is in none.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>To what.</summary>
    public IReadOnlyList<AuditedResources> Resources { get; init; } = [];

    /// <summary>At which paths, where it is not about resources; a star at the end is for whatever follows.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Whether the rule is about a request.</summary>
    public bool IsAbout(RequestInfo request, UserInfo user)
    {
        if ((Users.Count > 0 && !Users.Contains(user.Name))
            || (UserGroups.Count > 0 && !UserGroups.Any(user.Groups.Contains))
            || (Verbs.Count > 0 && !Verbs.Contains(request.Verb)))
        {
            return false;
        }
        if (Namespaces.Count > 0 || Resources.Count > 0)
        {
            return request.IsResourceRequest && (Namespaces.Count == 0 || Namespaces.Contains(request.Namespace)) && (Resources.Count == 0 || Resources.Any(resources => Has(resources, request)));
        }
        return Paths.Count == 0 || (!request.IsResourceRequest && Paths.Any(path => Matches(path, request.Path)));
    }

    private static bool Has(AuditedResources resources, RequestInfo request) =>
        resources.Group == request.ApiGroup
        && (resources.Resources.Count == 0
            || ((resources.Names.Count == 0 || resources.Names.Contains(request.Name)) && resources.Resources.Any(pattern => Names(pattern, request))));

    private static bool Names(string pattern, RequestInfo request)
    {
        var slash = pattern.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return pattern == "*" || (request.Subresource.Length == 0 && pattern == request.Resource);
        }
        var resource = pattern.AsSpan(0, slash);
        var subresource = pattern.AsSpan(slash + 1);
        // "pods/*" is about pods too; "*/status" is about statuses alone.
        return subresource is "*" ? resource.SequenceEqual(request.Resource)
            : request.Subresource.Length > 0 && subresource.SequenceEqual(request.Subresource) && (resource is "*" || resource.SequenceEqual(request.Resource));
    }

    private static bool Matches(string pattern, string path) =>
        pattern == "*" || pattern == path || (pattern.EndsWith('*') && path.StartsWith(pattern.TrimEnd('*'), StringComparison.Ordinal));
}
