using System.Collections.Concurrent;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication.Tokens;

/// <summary>
/// Authenticates by the tokens that this cluster issued. A signature is verified once and the result kept; that the token is still valid, and what it
/// is bound to still exists, is looked at each time.
/// </summary>
/// <param name="keys">Whose signatures are believed.</param>
/// <param name="apiAudiences">What a token has to be meant for, where a request does not say.</param>
/// <param name="feeds">Where the bound objects are looked up.</param>
/// <param name="time">The clock that validity is held against.</param>
public sealed class ServiceAccountTokenAuthenticator(ServiceAccountKeys keys, IReadOnlyList<string> apiAudiences, IObjectFeeds feeds, TimeProvider time)
    : ITokenAuthenticator
{
    /// <summary>Tokens are replaced every hour or so: the old ones must not pile up.</summary>
    private const int MaxRemembered = 4096;

    /// <summary>How far the clocks of two servers may differ.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private readonly BoundObjects _bound = new(feeds, time);
    private readonly ConcurrentDictionary<string, Verified> _verified = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        if (!_verified.TryGetValue(token, out var verified))
        {
            if (!keys.IsOurs(token, out var claims))
            {
                return ValueTask.FromResult<TokenIdentity?>(null);
            }
            verified = Verify(token, claims!);
        }
        var now = time.GetUtcNow();
        var wanted = audiences.Count == 0 ? apiAudiences : audiences;
        var meant = MeantFor(verified.Claims.Audiences, wanted);
        if (now > verified.ExpiresAt + ClockSkew || now + ClockSkew < verified.NotBefore || meant.Count == 0 || !_bound.AreAlive(verified.Claims))
        {
            throw ApiError.Unauthorized();
        }
        return ValueTask.FromResult<TokenIdentity?>(ReferenceEquals(wanted, apiAudiences) ? verified.ForApi(meant) : new TokenIdentity(verified.User, meant));
    }

    private Verified Verify(string token, ServiceAccountClaims claims)
    {
        if (!keys.Verify(token) || claims.Subject != WellKnownGroups.ServiceAccountUser(claims.Namespace, claims.ServiceAccount.Name))
        {
            throw ApiError.Unauthorized();
        }
        if (_verified.Count >= MaxRemembered)
        {
            _verified.Clear();
        }
        return _verified.GetOrAdd(token, new Verified(claims, UserOf(claims)));
    }

    private static IReadOnlyList<string> MeantFor(IReadOnlyList<string> claimed, IReadOnlyList<string> wanted)
    {
        List<string>? both = null;
        for (var i = 0; i < wanted.Count; i++)
        {
            if (claimed.Contains(wanted[i]))
            {
                (both ??= []).Add(wanted[i]);
            }
        }
        return both is null ? [] : both;
    }

    private static UserInfo UserOf(ServiceAccountClaims claims)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (claims.Id.Length > 0)
        {
            extra[CredentialExtra.CredentialId] = [$"JTI={claims.Id}"];
        }
        if (claims.Pod is { } pod)
        {
            extra[CredentialExtra.PodName] = [pod.Name];
            extra[CredentialExtra.PodUid] = [pod.Uid];
        }
        if (claims.Node is { } node)
        {
            extra[CredentialExtra.NodeName] = [node.Name];
            if (node.Uid.Length > 0)
            {
                extra[CredentialExtra.NodeUid] = [node.Uid];
            }
        }
        return UserInfo.ServiceAccount(claims.Namespace, claims.ServiceAccount.Name) with
        {
            Uid = claims.ServiceAccount.Uid,
            Extra = extra,
        };
    }

    /// <summary>A token whose signature is good.</summary>
    private sealed class Verified(ServiceAccountClaims claims, UserInfo user)
    {
        private TokenIdentity? _identity;

        public ServiceAccountClaims Claims { get; } = claims;

        public UserInfo User { get; } = user;

        public DateTimeOffset ExpiresAt { get; } = DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt);

        public DateTimeOffset NotBefore { get; } = DateTimeOffset.FromUnixTimeSeconds(claims.NotBefore);

        public TokenIdentity ForApi(IReadOnlyList<string> audiences) => _identity ??= new TokenIdentity(User, audiences);
    }
}
