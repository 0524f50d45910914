using Kybernet.Client;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server.Access;

/// <summary>Lets those requests through whose callers are known and may make them.</summary>
internal sealed class AccessFilter(CallerAuthenticator authenticator, CallerAuthorizer authorizer, KubeletOptions options)
{
    /// <exception cref="KubeletRequestException">401: it is not known who calls. 403: the caller may not. 500: the API server cannot be asked.</exception>
    public async Task CheckAsync(HttpContext context)
    {
        var request = RequestAttributes.Of(context.Request);
        try
        {
            var user = await authenticator.AuthenticateAsync(context) ?? throw new KubeletRequestException(StatusCodes.Status401Unauthorized, "Unauthorized");
            if (!await authorizer.IsAllowedAsync(user, request, context.RequestAborted))
            {
                throw new KubeletRequestException(
                    StatusCodes.Status403Forbidden,
                    $"Forbidden (user={user.Username}, verb={request.Verb}, resource=nodes, subresource(s)=[{string.Join(' ', request.Subresources)}])");
            }
        }
        catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
        {
            throw new KubeletRequestException(
                StatusCodes.Status500InternalServerError, $"the API server of node {options.NodeName} could not be asked: {exception.Message}");
        }
    }
}
