using System.Collections.Concurrent;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Remembers for a while whom tokens stand for. That a token stands for nobody is not remembered: it may be good a moment later.</summary>
internal sealed class CachedTokenAuthenticator(ITokenAuthenticator tokens, TimeSpan period, TimeProvider time) : ITokenAuthenticator
{
    /// <summary>Whoever has ever new tokens must not fill the memory.</summary>
    private const int MaxRemembered = 4096;

    private readonly ConcurrentDictionary<Key, Known> _known = new();

    /// <inheritdoc />
    public async ValueTask<TokenIdentity?> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken)
    {
        var key = new Key(token, string.Join('\n', audiences));
        if (_known.TryGetValue(key, out var known) && time.GetUtcNow() < known.Until)
        {
            return known.Identity;
        }
        if (await tokens.AuthenticateAsync(token, audiences, cancellationToken) is not { } identity)
        {
            return null;
        }
        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }
        _known[key] = new Known(identity, time.GetUtcNow() + period);
        return identity;
    }

    private readonly record struct Key(string Token, string Audiences);

    private sealed record Known(TokenIdentity Identity, DateTimeOffset Until);
}
