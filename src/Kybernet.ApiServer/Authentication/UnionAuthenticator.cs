using System.Runtime.CompilerServices;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication;

/// <summary>
/// Tries authenticators in turn: the first that knows the credentials says who it is. Whoever brings none is <c>system:anonymous</c>; whoever brings
/// wrong ones is refused.
/// </summary>
/// <param name="authenticators">In the order to try them.</param>
/// <param name="allowsAnonymous">Whether a request without credentials goes on, as far as the roles let it.</param>
public sealed class UnionAuthenticator(IReadOnlyList<IAuthenticator> authenticators, Func<ApiRequest, bool> allowsAnonymous) : IAuthenticator
{
    private readonly ConditionalWeakTable<UserInfo, UserInfo> _authenticated = [];

    /// <inheritdoc />
    public async ValueTask<UserInfo?> AuthenticateAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        ApiError? failure = null;
        foreach (var authenticator in authenticators)
        {
            try
            {
                if (await authenticator.AuthenticateAsync(request, cancellationToken) is { } user)
                {
                    return WithAuthenticated(user);
                }
            }
            catch (ApiError error) when (error.Code == 401)
            {
                // Other credentials of the same request may be good.
                failure ??= error;
            }
        }
        return failure is not null ? throw failure : allowsAnonymous(request) ? UserInfo.Anonymous : throw ApiError.Unauthorized();
    }

    /// <summary>The same user gives the same result each time: what is worked out for a user hangs on it.</summary>
    private UserInfo WithAuthenticated(UserInfo user) => user.Groups.Contains(WellKnownGroups.Authenticated) || user.Groups.Contains(WellKnownGroups.Unauthenticated)
        ? user
        : _authenticated.GetValue(user, static plain => plain with { Groups = [.. plain.Groups, WellKnownGroups.Authenticated] });
}
