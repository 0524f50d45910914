using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Authenticates joining nodes by the bootstrap tokens that are kept as secrets in <c>kube-system</c>.</summary>
/// <param name="feeds">Where the secrets are looked up.</param>
/// <param name="time">The clock that expiry is held against.</param>
public sealed class BootstrapTokenAuthenticator(IObjectFeeds feeds, TimeProvider time) : ITokenAuthenticator
{
    private const string DefaultGroup = "system:bootstrappers";

    private readonly IObjectFeed _secrets = feeds.Of(RbacResources.Secrets);

    /// <inheritdoc />
    public ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (audiences.Count > 0 || !IsBootstrapToken(token))
        {
            return ValueTask.FromResult<TokenIdentity?>(null);
        }
        var id = token[..6];
        var secret = _secrets.Find("kube-system", $"bootstrap-token-{id}")?.As<Secret>();
        if (secret is null || secret.Metadata.DeletionTimestamp is not null || secret.Type != "bootstrap.kubernetes.io/token"
            || Text(secret, "token-id") != id || !Same(Text(secret, "token-secret"), token[7..])
            || Text(secret, "usage-bootstrap-authentication") != "true" || IsExpired(secret))
        {
            throw ApiError.Unauthorized();
        }
        return ValueTask.FromResult<TokenIdentity?>(new TokenIdentity(new UserInfo($"system:bootstrap:{id}", GroupsOf(secret)), []));
    }

    /// <summary>Whether it reads as in <c>abcdef.0123456789abcdef</c>.</summary>
    private static bool IsBootstrapToken(string token)
    {
        if (token.Length != 23 || token[6] != '.')
        {
            return false;
        }
        for (var i = 0; i < token.Length; i++)
        {
            if (i != 6 && !char.IsAsciiLetterLower(token[i]) && !char.IsAsciiDigit(token[i]))
            {
                return false;
            }
        }
        return true;
    }

    private static string Text(Secret secret, string key) => secret.Data.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(value.Span) : "";

    private static bool Same(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private static string[] GroupsOf(Secret secret) =>
    [
        DefaultGroup,
        .. Text(secret, "auth-extra-groups").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(group => group.StartsWith($"{DefaultGroup}:", StringComparison.Ordinal)),
    ];

    private bool IsExpired(Secret secret)
    {
        var text = Text(secret, "expiration");
        return text.Length > 0
            && (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration)
                || time.GetUtcNow() >= expiration);
    }
}
