using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Authenticates by the <c>Authorization: Basic</c> header: names and passwords of a file.</summary>
internal sealed class PasswordAuthenticator(IEnumerable<Credential> credentials) : IAuthenticator
{
    private const string Scheme = "Basic";

    private readonly Dictionary<string, Known> _users = Index(credentials);

    /// <inheritdoc />
    public ValueTask<UserInfo?> AuthenticateAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Authorization, out var header) || !header.Scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return ValueTask.FromResult<UserInfo?>(null);
        }
        return TryDecode(header.Parameter ?? "", out var name, out var password)
            && _users.TryGetValue(name, out var known) && CryptographicOperations.FixedTimeEquals(known.Digest, Digest(password))
            ? ValueTask.FromResult<UserInfo?>(known.User)
            : throw ApiError.Unauthorized();
    }

    private static bool TryDecode(string parameter, out string name, out string password)
    {
        (name, password) = ("", "");
        var buffer = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, buffer, out var length))
        {
            return false;
        }
        var text = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return false;
        }
        (name, password) = (text[..colon], text[(colon + 1)..]);
        return true;
    }

    private static Dictionary<string, Known> Index(IEnumerable<Credential> credentials)
    {
        var users = new Dictionary<string, Known>(StringComparer.Ordinal);
        foreach (var credential in credentials)
        {
            users[credential.User.Name] = new Known(Digest(credential.Secret), credential.User);
        }
        return users;
    }

    private static byte[] Digest(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));

    private sealed record Known(byte[] Digest, UserInfo User);
}
