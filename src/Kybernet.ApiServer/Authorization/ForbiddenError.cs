using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Authorization;

/// <summary>How a refused request is answered, in upstream's words.</summary>
public static class ForbiddenError
{
    /// <summary>The 403 for a request that no authoriser allows.</summary>
    /// <param name="user">Who asked.</param>
    /// <param name="request">What for.</param>
    /// <param name="reason">What the authorisers said; may be empty.</param>
    public static ApiError For(UserInfo user, RequestInfo request, string reason)
    {
        var why = reason.Length == 0 ? Describe(user, request) : $"{Describe(user, request)}: {reason}";
        return request.IsResourceRequest
            ? ApiError.Forbidden(new GroupResource(request.ApiGroup, request.Resource), request.Name, why)
            : ApiError.Of(403, "Forbidden", $"forbidden: {why}", new Api.Meta.V1.StatusDetails());
    }

    private static string Describe(UserInfo user, RequestInfo request)
    {
        var name = GoText.Quote(user.Name);
        if (!request.IsResourceRequest)
        {
            return $"User {name} cannot {request.Verb} path {GoText.Quote(request.Path)}";
        }
        var resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        var what = $"User {name} cannot {request.Verb} resource \"{resource}\" in API group \"{request.ApiGroup}\"";
        return request.Namespace.Length == 0 ? $"{what} at the cluster scope" : $"{what} in the namespace \"{request.Namespace}\"";
    }
}
