using Kybernet.Api;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Matching;

/// <summary>The labels by which namespaces are selected.</summary>
internal sealed class NamespaceLabels(IObjectFeeds feeds)
{
    private static readonly GroupResource Namespaces = new("", "namespaces");

    private readonly IObjectFeed _namespaces = feeds.Of(Namespaces);

    /// <summary>Those of a request's namespace, or of the namespace that it is about; null where it is about no namespace.</summary>
    public IReadOnlyDictionary<string, string>? Of(AdmissionRequest request)
    {
        if (request.Resource.GroupResource == Namespaces)
        {
            return request.Object is { } item ? RequestMatcher.Labels(item) : request.Previous?.Header.Labels;
        }
        return request.Namespace.Length == 0 ? null : _namespaces.Find("", request.Namespace)?.Header.Labels ?? RequestMatcher.Labels(null);
    }
}
