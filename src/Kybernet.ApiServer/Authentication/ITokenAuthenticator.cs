using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Finds out whom a bearer token stands for, by one kind of token.</summary>
public interface ITokenAuthenticator
{
    /// <summary>Looks at a token.</summary>
    /// <param name="token">The token, without its <c>Bearer</c>.</param>
    /// <param name="audiences">The token has to be meant for one of these; empty for the API server itself.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Who it stands for; null where it is no token of this kind.</returns>
    /// <exception cref="ApiError">It is a token of this kind and it is wrong: 401.</exception>
    ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken);
}

/// <summary>Whom a token stands for.</summary>
/// <param name="User">The user, without <c>system:authenticated</c> unless the token says so itself.</param>
/// <param name="Audiences">Those of the wanted audiences that it is meant for.</param>
public sealed record TokenIdentity(UserInfo User, IReadOnlyList<string> Audiences);
