using System.Security.Cryptography;
using System.Text;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Authenticates by the tokens of a file.</summary>
internal sealed class StaticTokenAuthenticator(IEnumerable<Credential> credentials) : ITokenAuthenticator
{
    private readonly Dictionary<string, TokenIdentity> _users = Index(credentials);

    /// <inheritdoc />
    public ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken) =>
        // Tokens of a file are for the API server only; another audience cannot be vouched for.
        ValueTask.FromResult(audiences.Count > 0 ? null : _users.GetValueOrDefault(Digest(token)));

    /// <summary>Of a token that is there twice the last line counts.</summary>
    private static Dictionary<string, TokenIdentity> Index(IEnumerable<Credential> credentials)
    {
        var users = new Dictionary<string, TokenIdentity>(StringComparer.Ordinal);
        foreach (var credential in credentials)
        {
            users[Digest(credential.Secret)] = new TokenIdentity(credential.User, []);
        }
        return users;
    }

    /// <summary>Comparing digests takes no longer for a token that is nearly right.</summary>
    private static string Digest(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
