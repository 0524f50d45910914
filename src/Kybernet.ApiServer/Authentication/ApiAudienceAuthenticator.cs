namespace Kybernet.ApiServer.Authentication;

/// <summary>Takes tokens that know nothing of the cluster's audiences to be meant for the API server.</summary>
internal sealed class ApiAudienceAuthenticator(ITokenAuthenticator tokens, IReadOnlyList<string> apiAudiences) : ITokenAuthenticator
{
    /// <inheritdoc />
    public async ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (audiences.Count == 0)
        {
            return await tokens.AuthenticateAsync(token, [], cancellationToken);
        }
        string[] meant = [.. audiences.Where(apiAudiences.Contains)];
        return meant.Length > 0 && await tokens.AuthenticateAsync(token, [], cancellationToken) is { } identity ? identity with { Audiences = meant } : null;
    }
}
