using Kybernet.Api.Cel;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Admission.Expressions;

/// <summary>What an expression asks of the server's authoriser, about whoever made the request.</summary>
internal sealed class RequestAuthorizer(IAuthorizer authorizer, UserInfo user) : ICelAuthorizer
{
    /// <inheritdoc/>
    public CelDecision Check(CelAccess access)
    {
        var info = access.Path.Length > 0
            ? new RequestInfo(false, access.Verb, access.Path)
            : new RequestInfo(true, access.Verb, "", access.Group, "*", access.Namespace, access.Resource, access.Subresource, access.Name);
        try
        {
            // Expressions are evaluated without waiting; the server's own authorisers answer at once, and only a remote one holds the thread.
            var decision = authorizer.AuthorizeAsync(user, info, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return new CelDecision(decision.Allowed, decision.Reason);
        }
        catch (ApiError error)
        {
            return new CelDecision(false, "", error.Message);
        }
    }

    /// <inheritdoc/>
    public ICelAuthorizer ForServiceAccount(string @namespace, string name) => new RequestAuthorizer(authorizer, UserInfo.ServiceAccount(@namespace, name));
}
