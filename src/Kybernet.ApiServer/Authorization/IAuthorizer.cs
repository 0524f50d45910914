using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization;

/// <summary>Decides who may do what.</summary>
public interface IAuthorizer
{
    /// <summary>Decides on one request.</summary>
    ValueTask<AuthorizationDecision> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken cancellationToken);
}

/// <summary>What an authoriser says.</summary>
/// <param name="Allowed">Whether the request may go on. Nobody having an opinion means no.</param>
/// <param name="Reason">Why, for the client and the audit; may be empty.</param>
public readonly record struct AuthorizationDecision(bool Allowed, string Reason);
