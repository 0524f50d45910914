using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Bench;

/// <summary>A certificate that lives as long as the run: P-256, as a cluster's own.</summary>
internal static class Certificates
{
    public static X509Certificate2 ForLoopback() => Make("CN=127.0.0.1", serverAuth: true);

    /// <summary>A client that the server knows as an administrator; signed by itself, and trusted as its own authority.</summary>
    public static X509Certificate2 ForAdministrator() => Make("O=system:masters, CN=bench", serverAuth: false);

    private static X509Certificate2 Make(string subject, bool serverAuth)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(!serverAuth, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(serverAuth ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
