using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission;

/// <summary>Keeps new objects out of namespaces that do not exist or are on their way out, and the namespaces that the system needs alive.</summary>
internal sealed class NamespaceLifecycle(IObjectFeeds feeds) : AdmissionPlugin
{
    private static readonly GroupResource Namespaces = new("", "namespaces");

    private readonly IObjectFeed _namespaces = feeds.Of(Namespaces);

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) => operation switch
    {
        AdmissionOperation.Create => resource.GroupResource != Namespaces,
        AdmissionOperation.Delete => resource.GroupResource == Namespaces,
        _ => false,
    };

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Operation == AdmissionOperation.Delete)
        {
            if (request.Name is "default" or "kube-system" or "kube-public")
            {
                throw ApiError.Forbidden(Namespaces, request.Name, "this namespace may not be deleted");
            }
            return;
        }
        if (request.Namespace.Length == 0)
        {
            return;
        }
        var home = _namespaces.Find("", request.Namespace) ?? throw ApiError.NotFound(Namespaces, request.Namespace);
        if (home.Header.IsDeleting)
        {
            throw Terminating(request);
        }
    }

    private static ApiError Terminating(AdmissionRequest request)
    {
        var error = ApiError.Forbidden(
            request.Resource.GroupResource,
            request.Name,
            $"unable to create new content in namespace {request.Namespace} because it is being terminated");
        var cause = new StatusCause
        {
            Reason = "NamespaceTerminating",
            Message = $"namespace {request.Namespace} is being terminated",
            Field = "metadata.namespace",
        };
        return new ApiError(error.Status with { Details = error.Status.Details! with { Causes = [cause] } });
    }
}
