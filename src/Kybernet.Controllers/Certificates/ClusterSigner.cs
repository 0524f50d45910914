using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Certificates;

namespace Kybernet.Controllers.Certificates;

/// <summary>Signs with a certificate authority's key.</summary>
/// <param name="certificate">The authority's certificate, as PEM.</param>
/// <param name="key">Its private key, ECDSA or RSA, as PEM.</param>
/// <param name="lifetime">How long a certificate is valid at the most.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterSigner(string certificate, string key, TimeSpan lifetime, TimeProvider time)
{
    /// <summary>A certificate is valid a little before it is made, for those whose clocks are behind.</summary>
    private static readonly TimeSpan Backdate = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<string, X509KeyUsageFlags> KeyUsages = new(StringComparer.Ordinal)
    {
        ["signing"] = X509KeyUsageFlags.DigitalSignature,
        ["digital signature"] = X509KeyUsageFlags.DigitalSignature,
        ["content commitment"] = X509KeyUsageFlags.NonRepudiation,
        ["key encipherment"] = X509KeyUsageFlags.KeyEncipherment,
        ["key agreement"] = X509KeyUsageFlags.KeyAgreement,
        ["data encipherment"] = X509KeyUsageFlags.DataEncipherment,
        ["cert sign"] = X509KeyUsageFlags.KeyCertSign,
        ["crl sign"] = X509KeyUsageFlags.CrlSign,
        ["encipher only"] = X509KeyUsageFlags.EncipherOnly,
        ["decipher only"] = X509KeyUsageFlags.DecipherOnly,
    };

    private static readonly Dictionary<string, string> ExtendedUsages = new(StringComparer.Ordinal)
    {
        ["any"] = "2.5.29.37.0",
        ["server auth"] = "1.3.6.1.5.5.7.3.1",
        ["client auth"] = "1.3.6.1.5.5.7.3.2",
        ["code signing"] = "1.3.6.1.5.5.7.3.3",
        ["email protection"] = "1.3.6.1.5.5.7.3.4",
        ["s/mime"] = "1.3.6.1.5.5.7.3.4",
        ["ipsec end system"] = "1.3.6.1.5.5.7.3.5",
        ["ipsec tunnel"] = "1.3.6.1.5.5.7.3.6",
        ["ipsec user"] = "1.3.6.1.5.5.7.3.7",
        ["timestamping"] = "1.3.6.1.5.5.7.3.8",
        ["ocsp signing"] = "1.3.6.1.5.5.7.3.9",
        ["microsoft sgc"] = "1.3.6.1.4.1.311.10.3.3",
        ["netscape sgc"] = "2.16.840.1.113730.4.1",
    };

    /// <summary>Makes the certificate that a request asks for, as PEM.</summary>
    /// <exception cref="FormatException">A usage is not known.</exception>
    public string Sign(SigningRequest request, IReadOnlyList<string> usages, int? expirationSeconds)
    {
        using var issuer = X509Certificate2.CreateFromPem(certificate);
        var asked = new CertificateRequest(request.Subject, request.PublicKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        AddUsages(asked, usages);
        asked.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        asked.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        if (request.AlternativeNames is { } names)
        {
            asked.CertificateExtensions.Add(names);
        }

        var now = time.GetUtcNow();
        var end = now - Backdate + LifetimeOf(expirationSeconds);
        end = end < issuer.NotAfter ? end : issuer.NotAfter;
        using var algorithm = LoadKey(issuer);
        using var signed = asked.Create(issuer.SubjectName, GeneratorFor(algorithm), now - Backdate, end, RandomNumberGenerator.GetBytes(16));
        return signed.ExportCertificatePem() + "\n";
    }

    private TimeSpan LifetimeOf(int? expirationSeconds)
    {
        if (expirationSeconds is not { } seconds)
        {
            return lifetime;
        }
        var asked = TimeSpan.FromSeconds(seconds);
        asked = asked < ShortestLifetime ? ShortestLifetime : asked;
        return asked < lifetime ? asked : lifetime;
    }

    private AsymmetricAlgorithm LoadKey(X509Certificate2 issuer)
    {
        using var elliptic = issuer.GetECDsaPublicKey();
        AsymmetricAlgorithm algorithm = elliptic is null ? RSA.Create() : ECDsa.Create();
        algorithm.ImportFromPem(key);
        return algorithm;
    }

    private static X509SignatureGenerator GeneratorFor(AsymmetricAlgorithm algorithm) => algorithm is ECDsa elliptic
        ? X509SignatureGenerator.CreateForECDsa(elliptic)
        : X509SignatureGenerator.CreateForRSA((RSA)algorithm, RSASignaturePadding.Pkcs1);

    private static void AddUsages(CertificateRequest asked, IReadOnlyList<string> usages)
    {
        var flags = X509KeyUsageFlags.None;
        var extended = new OidCollection();
        foreach (var usage in usages)
        {
            if (KeyUsages.TryGetValue(usage, out var flag))
            {
                flags |= flag;
            }
            else if (ExtendedUsages.TryGetValue(usage, out var oid))
            {
                extended.Add(new Oid(oid));
            }
            else
            {
                throw new FormatException($"unrecognized usage values: [\"{usage}\"]");
            }
        }
        asked.CertificateExtensions.Add(new X509KeyUsageExtension(flags, critical: true));
        if (extended.Count > 0)
        {
            asked.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(extended, critical: false));
        }
    }
}
