using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>Certificates that sign themselves.</summary>
internal static class TestCertificates
{
    /// <summary>A certificate with its key, for some DNS names and, where it is given, a URI.</summary>
    public static X509Certificate2 Create(string subject, string[] names, string? uri = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }
        if (uri is not null)
        {
            alternatives.AddUri(new Uri(uri));
        }
        request.CertificateExtensions.Add(alternatives.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    public static Secret Secret(string name, X509Certificate2 certificate, string @namespace = GatewayFixture.Namespace) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = @namespace },
        Type = "kubernetes.io/tls",
        Data = new Dictionary<string, ReadOnlyMemory<byte>>
        {
            ["tls.crt"] = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
            ["tls.key"] = Encoding.ASCII.GetBytes(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        },
    };
}
