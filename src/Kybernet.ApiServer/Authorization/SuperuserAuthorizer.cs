using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization;

/// <summary>Lets <c>system:masters</c> do anything, whatever has become of the roles: the way back in.</summary>
public sealed class SuperuserAuthorizer : IAuthorizer
{
    /// <inheritdoc />
    public ValueTask<AuthorizationDecision> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new AuthorizationDecision(IsSuperuser(user), ""));

    /// <summary>Whether the user may do anything.</summary>
    internal static bool IsSuperuser(UserInfo user) => user.Groups.Contains(WellKnownGroups.Masters);
}
