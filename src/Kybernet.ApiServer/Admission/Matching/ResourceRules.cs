using Kybernet.Api;

namespace Kybernet.ApiServer.Admission.Matching;

/// <summary>One rule about which requests something concerns; a <c>*</c> stands for anything.</summary>
/// <param name="Operations">What is done.</param>
/// <param name="Groups">The groups of resources.</param>
/// <param name="Versions">Their versions.</param>
/// <param name="Resources">The resources: <c>pods</c>, <c>pods/status</c>, <c>pods/*</c>, <c>*/scale</c>, <c>*/*</c>.</param>
/// <param name="Scope"><c>Cluster</c>, <c>Namespaced</c> or <c>*</c>.</param>
/// <param name="Names">The objects' names; none for any.</param>
internal sealed record ResourceRule(
    IReadOnlyList<string> Operations,
    IReadOnlyList<string> Groups,
    IReadOnlyList<string> Versions,
    IReadOnlyList<string> Resources,
    string Scope,
    IReadOnlyList<string> Names)
{
    private const string Any = "*";

    /// <summary>Whether the rule is about such requests, whatever object they name.</summary>
    /// <param name="operation">What is done, as rules spell it.</param>
    /// <param name="resource">To what.</param>
    /// <param name="subresource">To what part of it; empty for the whole.</param>
    /// <param name="anyVersion">Whether it does not matter in which version the request is made.</param>
    public bool IsAbout(string operation, GroupVersionResource resource, string subresource, bool anyVersion) =>
        Has(Operations, operation) && Has(Groups, resource.Group) && (anyVersion || Has(Versions, resource.Version)) && HasResource(resource.Resource, subresource);

    /// <summary>Whether the rule is about a request.</summary>
    public bool IsAbout(AdmissionRequest request, bool anyVersion) =>
        IsAbout(Expressions.AdmissionBindings.Operation(request.Operation), request.Resource, request.Subresource, anyVersion)
        && (Names.Count == 0 || Names.Contains(request.Name)) && HasScope(request);

    private bool HasScope(AdmissionRequest request) => Scope switch
    {
        // A Namespace is asked for by its name as a namespace, and belongs to none.
        "Namespaced" => request.Namespace.Length > 0 && request.Resource is not { Group: "", Resource: "namespaces" },
        "Cluster" => request.Namespace.Length == 0 || request.Resource is { Group: "", Resource: "namespaces" },
        _ => true,
    };

    private static bool Has(IReadOnlyList<string> values, string value) => values.Contains(Any) || values.Contains(value);

    private bool HasResource(string resource, string subresource)
    {
        foreach (var pattern in Resources)
        {
            var slash = pattern.IndexOf('/');
            var (name, part) = slash < 0 ? (pattern, "") : (pattern[..slash], pattern[(slash + 1)..]);
            if ((name == Any || name == resource) && (part == Any || part == subresource))
            {
                return true;
            }
        }
        return false;
    }
}
