using System.Security.Cryptography;
using System.Text;
using Kybernet.Api.Certificates;
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
        if (audiences.Count > 0 || !BootstrapToken.TryParse(token, out var given))
        {
            return ValueTask.FromResult<TokenIdentity?>(null);
        }
        var secret = _secrets.Find(BootstrapToken.Namespace, given.SecretName)?.As<Secret>();
        if (secret is null || secret.Metadata.DeletionTimestamp is not null || BootstrapToken.Of(secret) is not { } kept || !Same(kept.Secret, given.Secret)
            || !BootstrapToken.IsFor(secret, "authentication") || time.GetUtcNow() >= BootstrapToken.ExpirationOf(secret))
        {
            throw ApiError.Unauthorized();
        }
        return ValueTask.FromResult<TokenIdentity?>(new TokenIdentity(new UserInfo($"system:bootstrap:{given.Id}", GroupsOf(secret)), []));
    }

    private static bool Same(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private static string[] GroupsOf(Secret secret) =>
        [DefaultGroup, .. BootstrapToken.GroupsOf(secret).Where(group => group.StartsWith($"{DefaultGroup}:", StringComparison.Ordinal))];
}
