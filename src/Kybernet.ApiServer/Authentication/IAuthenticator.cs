using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Finds out who a request comes from, by one kind of credentials.</summary>
public interface IAuthenticator
{
    /// <summary>Looks at the credentials.</summary>
    /// <returns>The user; null where the request has no credentials of this kind.</returns>
    /// <exception cref="ApiError">There are credentials of this kind and they are wrong: 401.</exception>
    ValueTask<UserInfo?> AuthenticateAsync(ApiRequest request, CancellationToken cancellationToken);
}
