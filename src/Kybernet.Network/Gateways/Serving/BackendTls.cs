using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Gateway.V1;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>
/// How TLS is spoken with a backend: under which name, and whose certificates count. Its client's requests are made as if without TLS, which is begun here:
/// the name that is asked for need not be the one that the client of the Gateway asked for.
/// </summary>
internal sealed class BackendTls
{
    private readonly string _hostname;
    private readonly X509Certificate2Collection? _authorities;
    private readonly IReadOnlyList<SubjectAltName> _names;
    private readonly SslStreamCertificateContext? _own;
    private readonly Lazy<HttpMessageInvoker> _http1;
    private readonly Lazy<HttpMessageInvoker> _http2;

    /// <param name="hostname">The name.</param>
    /// <param name="authorities">Who may have signed the backend's certificate; null for those that this machine trusts.</param>
    /// <param name="names">The names of which the certificate must have one; empty where it must have <paramref name="hostname"/>.</param>
    /// <param name="own">The certificate that the backend is shown; null for none.</param>
    public BackendTls(string hostname, X509Certificate2Collection? authorities, IReadOnlyList<SubjectAltName> names, SslStreamCertificateContext? own)
    {
        (_hostname, _authorities, _names, _own) = (hostname, authorities, names, own);
        _http1 = new Lazy<HttpMessageInvoker>(() => BackendClient.For(this, SslApplicationProtocol.Http11));
        _http2 = new Lazy<HttpMessageInvoker>(() => BackendClient.For(this, SslApplicationProtocol.Http2));
    }

    /// <summary>Who sends requests.</summary>
    public HttpMessageInvoker Client(bool isHttp2) => (isHttp2 ? _http2 : _http1).Value;

    /// <summary>Connects and begins TLS.</summary>
    public async ValueTask<Stream> ConnectAsync(System.Net.DnsEndPoint endpoint, SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? secured = null;
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            secured = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await secured.AuthenticateAsClientAsync(Options(protocol), cancellationToken);
            return secured;
        }
        catch
        {
            socket.Dispose();
            if (secured is not null)
            {
                await secured.DisposeAsync();
            }
            throw;
        }
    }

    private SslClientAuthenticationOptions Options(SslApplicationProtocol protocol)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (_authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_authorities);
        }
        return new SslClientAuthenticationOptions
        {
            TargetHost = _hostname,
            ApplicationProtocols = [protocol],
            CertificateChainPolicy = policy,
            ClientCertificateContext = _own,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate as X509Certificate2, errors),
        };
    }

    private bool IsTrusted(X509Certificate2? certificate, SslPolicyErrors errors) => _names.Count == 0
        ? errors == SslPolicyErrors.None
        : (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None && certificate is not null && AlternativeNames.HasAny(certificate, _names);
}
