using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.Api.Core.V1;

namespace Kybernet.Network.Ingresses.Proxying;

/// <summary>Makes of certificates what TLS is spoken with.</summary>
internal static class Certificates
{
    private const string CertificateKey = "tls.crt";
    private const string PrivateKeyKey = "tls.key";

    /// <summary>What a Secret of type <c>kubernetes.io/tls</c> holds, with the chain that its certificate comes with.</summary>
    /// <exception cref="CryptographicException">It holds no certificate, or no key that fits.</exception>
    public static SslServerAuthenticationOptions Load(Secret secret)
    {
        var chain = Text(secret, CertificateKey);
        var leaf = X509Certificate2.CreateFromPem(chain, Text(secret, PrivateKeyKey));
        var all = new X509Certificate2Collection();
        all.ImportFromPem(chain);
        return OptionsOf(leaf, all);
    }

    /// <summary>What hosts without a certificate are answered with: one that nobody has reason to trust.</summary>
    public static SslServerAuthenticationOptions SelfSigned(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Kybernet Ingress without a certificate", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        return OptionsOf(request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10)), []);
    }

    private static SslServerAuthenticationOptions OptionsOf(X509Certificate2 leaf, X509Certificate2Collection chain) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true),
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
    };

    private static string Text(Secret secret, string key) => secret.Data.TryGetValue(key, out var bytes)
        ? Encoding.ASCII.GetString(bytes.Span)
        : throw new CryptographicException($"there is no {key} in it");
}
