using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kybernet.ApiServer.Webhooks;

/// <summary>Connections to servers that extend the API: one set for each place and whom it is believed, kept from one request to the next.</summary>
/// <param name="services">Finds where Services answer.</param>
/// <param name="identity">What the server proves to them who it is with; null for nothing.</param>
internal sealed class TargetConnections(ServiceResolver services, X509Certificate2? identity) : IDisposable
{
    private const int MaxKept = 256;

    private readonly ConcurrentDictionary<string, HttpMessageInvoker> _ways = new(StringComparer.Ordinal);

    /// <summary>The way to a server.</summary>
    /// <exception cref="WebhookException">The authorities that it is to be believed by cannot be read.</exception>
    public HttpMessageInvoker To(WebhookTarget target)
    {
        if (_ways.TryGetValue(target.ConnectionKey, out var known))
        {
            return known;
        }
        var made = Open(target);
        if (_ways.Count >= MaxKept)
        {
            return made; // whoever makes ever new configurations gets a new connection each time
        }
        var kept = _ways.GetOrAdd(target.ConnectionKey, made);
        if (!ReferenceEquals(kept, made))
        {
            made.Dispose();
        }
        return kept;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var way in _ways.Values)
        {
            way.Dispose();
        }
    }

    private HttpMessageInvoker Open(WebhookTarget target)
    {
        var tls = new SslClientAuthenticationOptions();
        if (identity is not null)
        {
            tls.ClientCertificates = [identity];
        }
        if (target.BelievesAnybody)
        {
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else if (!target.Authorities.IsEmpty)
        {
            tls.CertificateChainPolicy = Trusting(target.Authorities);
        }
        var handler = new SocketsHttpHandler
        {
            SslOptions = tls,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // A Service's endpoints change.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        };
        if (target.Service is { } service)
        {
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var place = services.Find(service);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(place, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }
        return new HttpMessageInvoker(handler);
    }

    private static X509ChainPolicy Trusting(ReadOnlyMemory<byte> authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        try
        {
            policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(authorities.Span));
        }
        catch (CryptographicException exception)
        {
            throw new WebhookException($"unable to load root certificates: {exception.Message}", exception);
        }
        return policy.CustomTrustStore.Count > 0 ? policy : throw new WebhookException("unable to load root certificates: unable to parse bytes as PEM block");
    }
}
