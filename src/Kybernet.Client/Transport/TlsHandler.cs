using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Client;

/// <summary>Makes the handler that speaks TLS as connection settings say.</summary>
internal static class TlsHandler
{
    /// <exception cref="KubeconfigException">A certificate or key is none.</exception>
    public static SocketsHttpHandler Create(ConnectionSettings settings) => new()
    {
        EnableMultipleHttp2Connections = true, // each watch is a stream, and a connection has only a hundred or so
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
        // A certificate in a file is renewed, and only new connections show it.
        PooledConnectionLifetime = settings.ClientCertificateFile is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(30),
        KeepAlivePingDelay = TimeSpan.FromSeconds(30), // a server that vanished without a word is noticed by its silence
        KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        UseProxy = settings.Proxy is not null,
        Proxy = settings.Proxy is null ? null : new System.Net.WebProxy(settings.Proxy),
        UseCookies = false,
        AutomaticDecompression = System.Net.DecompressionMethods.GZip,
        SslOptions = Options(settings),
    };

    private static SslClientAuthenticationOptions Options(ConnectionSettings settings)
    {
        var options = new SslClientAuthenticationOptions();
        if (settings.TlsServerName is { Length: > 0 } name)
        {
            options.TargetHost = name;
        }
        if (settings.SkipTlsVerify)
        {
#pragma warning disable CA5359 // The user wrote insecure-skip-tls-verify.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (settings.CertificateAuthority is { } authority)
        {
            options.CertificateChainPolicy = Trusting(authority);
        }
        if (settings.ClientCertificateFile is { } file)
        {
            var files = new CertificateFiles(file, settings.ClientKeyFile ?? throw WithoutKey());
            files.Load(); // whoever has none wants to know now
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => files.Load();
        }
        else if (settings.ClientCertificate is { } certificate)
        {
            var pair = Load(certificate, settings.ClientKey ?? throw WithoutKey());
            options.ClientCertificateContext = SslStreamCertificateContext.Create(pair, additionalCertificates: null, offline: true);
        }
        return options;
    }

    private static KubeconfigException WithoutKey() => new("a client certificate without its key");

    private static X509ChainPolicy Trusting(string pem)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new KubeconfigException("the certificate authority is no PEM certificate: " + exception.Message, exception);
        }
        return policy;
    }

    private static X509Certificate2 Load(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new KubeconfigException("the client certificate or its key is no PEM: " + exception.Message, exception);
        }
    }
}
