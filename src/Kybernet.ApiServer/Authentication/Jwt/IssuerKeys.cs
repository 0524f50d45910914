using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>
/// The keys that an issuer publishes (OpenID Connect Discovery). They are fetched when a token first needs them, and again when a token names a key that
/// is not among them: issuers change their keys.
/// </summary>
internal sealed class IssuerKeys(JwtIssuer issuer, TargetConnections connections, TimeProvider time) : IDisposable
{
    private const int MaxAnswerBytes = 1 << 20;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>How long an issuer that could not be asked is left alone: tokens must not wait for it one after the other.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private Uri? _location;
    private JsonWebKey[] _keys = [];
    private int _fetched;
    private (string Problem, DateTimeOffset Until) _failure = ("", DateTimeOffset.MinValue);

    /// <summary>Whether one of the keys signed a token.</summary>
    /// <exception cref="WebhookException">The issuer cannot be asked for its keys.</exception>
    public async ValueTask<bool> VerifyAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _fetched);
        if (known > 0 && Verifies(token))
        {
            return true;
        }
        await FetchAsync(known, cancellationToken);
        return Verifies(token);
    }

    /// <inheritdoc/>
    public void Dispose() => _fetching.Dispose();

    private bool Verifies(JsonWebToken token) => Volatile.Read(ref _keys).Any(
        key => (token.KeyId.Length == 0 || key.KeyId == token.KeyId) && key.Verify(token.Algorithm, token.Signed, token.Signature));

    /// <summary>Fetches the keys, unless somebody else has meanwhile.</summary>
    private async Task FetchAsync(int known, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_fetched != known)
            {
                return;
            }
            if (time.GetUtcNow() < _failure.Until)
            {
                throw new WebhookException(_failure.Problem);
            }
            _location ??= await DiscoverAsync(cancellationToken);
            var published = await GetAsync(_location, cancellationToken);
            Volatile.Write(ref _keys, [.. published.Objects("keys").Select(JsonWebKey.Read).OfType<JsonWebKey>()]);
            Volatile.Write(ref _fetched, known + 1);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or FormatException or CryptographicException or WebhookException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _failure = ($"fetching keys of {issuer.Url}: {WebhookConnections.Reason(exception)}", time.GetUtcNow() + Rest);
            throw new WebhookException(_failure.Problem, exception);
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<Uri> DiscoverAsync(CancellationToken cancellationToken)
    {
        var document = await GetAsync(issuer.Discovery, cancellationToken);
        if (document.Text("issuer") is var given && given != issuer.Url)
        {
            throw new WebhookException($"issuer did not match the issuer returned by provider, expected \"{issuer.Url}\" got \"{given}\"");
        }
        return Uri.TryCreate(document.Text("jwks_uri"), UriKind.Absolute, out var location)
            ? location
            : throw new WebhookException("the issuer does not say where its keys are");
    }

    private async Task<JsonObject> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await connections.To(new WebhookTarget(address, null, issuer.CertificateAuthority)).SendAsync(request, either.Token);
        if (!response.IsSuccessStatusCode)
        {
            throw new WebhookException($"{address} answers {(int)response.StatusCode}");
        }
        await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, either.Token);
        return ModelJson.ParseTree(await response.Content.ReadAsByteArrayAsync(either.Token)) as JsonObject ?? throw new WebhookException($"{address} holds no object");
    }
}
