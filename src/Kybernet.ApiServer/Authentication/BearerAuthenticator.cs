using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Authenticates by the <c>Authorization: Bearer</c> header: each kind of token is tried in turn.</summary>
/// <param name="kinds">The kinds of tokens.</param>
public sealed class BearerAuthenticator(IReadOnlyList<ITokenAuthenticator> kinds) : IAuthenticator
{
    private const string Scheme = "Bearer ";

    /// <inheritdoc />
    public async ValueTask<UserInfo?> AuthenticateAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (!request.Authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        var token = request.Authorization[Scheme.Length..].Trim();
        if (token.Length == 0)
        {
            return null;
        }
        var identity = await IdentifyAsync(token, [], cancellationToken) ?? throw ApiError.Unauthorized();
        return identity.User;
    }

    /// <summary>Whom the token stands for; null where no kind knows it.</summary>
    /// <exception cref="ApiError">A kind knows the token, and it is wrong: 401.</exception>
    internal async ValueTask<TokenIdentity?> IdentifyAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        ApiError? failure = null;
        foreach (var kind in kinds)
        {
            try
            {
                if (await kind.AuthenticateAsync(token, audiences, cancellationToken) is { } identity)
                {
                    return identity;
                }
            }
            catch (ApiError error) when (error.Code == 401)
            {
                // Another kind may still know the token: two issuers' tokens look alike.
                failure ??= error;
            }
        }
        return failure is null ? null : throw failure;
    }
}
