using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Store.Etcd;

/// <summary>Whom the store trusts to be etcd, and what it shows etcd of itself.</summary>
internal sealed class EtcdSecurity
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Not shorter than etcd allows (5 seconds): it would cut the connection.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _certificate;

    public EtcdSecurity(EtcdStoreOptions options)
    {
        try
        {
            if (options.AuthorityFile is { } authorities)
            {
                _authorities = [];
                _authorities.ImportFromPemFile(authorities);
            }
            if (options.CertificateFile is { } certificate)
            {
                _certificate = X509Certificate2.CreateFromPemFile(certificate, options.KeyFile);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StoreUnavailableException($"the certificates for etcd cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>What makes connections to one member.</summary>
    public SocketsHttpHandler Handler()
    {
        var security = new SslClientAuthenticationOptions();
        if (_authorities is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(_authorities);
            security.CertificateChainPolicy = policy;
        }
        if (_certificate is not null)
        {
            security.ClientCertificates = [_certificate];
        }
        return new SocketsHttpHandler
        {
            SslOptions = security,
            ConnectTimeout = ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            // A member whose machine is gone says nothing: without pings a watch of it would hang for ever.
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseProxy = false,
        };
    }
}
