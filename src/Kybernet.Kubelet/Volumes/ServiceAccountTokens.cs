using System.Collections.Concurrent;
using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Kubelet.Volumes;

/// <summary>
/// The tokens that pods' volumes show: asked for in the name of the pod, so that they die with it, and anew when four fifths of their time are
/// over, or a day.
/// </summary>
internal sealed class ServiceAccountTokens(ApiClient client, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);
    private const long DefaultExpirationSeconds = 3600;

    private readonly ConcurrentDictionary<Key, AccountToken> _tokens = new();

    /// <summary>A token that is good for some time yet.</summary>
    /// <exception cref="ApiException">The server gives none.</exception>
    public async Task<string> GetAsync(Pod pod, string audience, long? expirationSeconds, CancellationToken cancellationToken) =>
        (await FindAsync(pod, audience, expirationSeconds, cancellationToken)).Token;

    /// <summary>A token that is good for some time yet, and how long.</summary>
    /// <exception cref="ApiException">The server gives none.</exception>
    public async Task<AccountToken> FindAsync(Pod pod, string audience, long? expirationSeconds, CancellationToken cancellationToken)
    {
        var seconds = expirationSeconds ?? DefaultExpirationSeconds;
        var account = pod.Spec.ServiceAccountName is { Length: > 0 } name ? name : "default";
        var key = new Key(pod.Metadata.Uid ?? "", account, audience, seconds);
        var now = time.GetUtcNow();
        if (_tokens.TryGetValue(key, out var kept) && now < kept.RefreshAt)
        {
            return kept;
        }
        var request = new TokenRequest
        {
            Spec = new TokenRequestSpec
            {
                Audiences = audience.Length > 0 ? [audience] : [],
                ExpirationSeconds = seconds,
                BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
            },
        };
        try
        {
            var answer = await client.PostAsync<ServiceAccount, TokenRequest>(pod.Metadata.Namespace ?? "", account, "token", request, cancellationToken);
            var token = answer.Status.Token ?? "";
            var lifetime = (answer.Status.ExpirationTimestamp ?? now.AddSeconds(seconds)) - now;
            var refresh = lifetime * 0.8 < MaxAge ? lifetime * 0.8 : MaxAge;
            return _tokens[key] = new AccountToken(token, now + refresh, now + lifetime);
        }
        // The server is away, and the token that there is still works: better an old one than none.
        catch (ApiUnavailableException) when (kept is not null && now < kept.ExpiresAt)
        {
            return kept;
        }
    }

    /// <summary>Forgets a pod's tokens.</summary>
    public void Forget(string podUid)
    {
        foreach (var key in _tokens.Keys)
        {
            if (key.PodUid == podUid)
            {
                _tokens.TryRemove(key, out _);
            }
        }
    }

    private readonly record struct Key(string PodUid, string Account, string Audience, long ExpirationSeconds);
}
