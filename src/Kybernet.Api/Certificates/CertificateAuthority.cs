using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Api.Certificates;

/// <summary>A key pair and its certificate as PEM, which is how they are kept on disk and put into a kubeconfig.</summary>
public sealed record PemPair(string Certificate, string PrivateKey)
{
    /// <summary>The two as one object that can serve or sign; the caller disposes of it.</summary>
    public X509Certificate2 Load() => X509Certificate2.CreateFromPem(Certificate, PrivateKey);
}

/// <summary>Makes a certificate authority and signs with it. Keys are ECDSA P-256: made in a millisecond, where RSA takes a second.</summary>
public sealed class CertificateAuthority(PemPair authority, TimeProvider time)
{
    /// <summary>Clients whose clock is a little behind must not refuse a certificate that was made just now.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);

    private static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(365);

    /// <summary>Makes a new authority that signs itself.</summary>
    public static PemPair Create(string commonName, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName($"CN={commonName}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));

        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now - ClockSkew, now + AuthorityLifetime);
        return new PemPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Makes a key and has its certificate signed.</summary>
    public PemPair Issue(CertificateProfile profile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(SubjectOf(profile), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(UsagesOf(profile), false));
        AddAlternativeNames(request, profile);

        using var issuer = authority.Load();
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));

        var now = time.GetUtcNow();
        var end = now + LeafLifetime < issuer.NotAfter ? now + LeafLifetime : issuer.NotAfter;
        using var certificate = request.Create(issuer, now - ClockSkew, end, RandomNumberGenerator.GetBytes(16));
        return new PemPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static X500DistinguishedName SubjectOf(CertificateProfile profile)
    {
        var builder = new X500DistinguishedNameBuilder();
        foreach (var organization in profile.Organizations)
        {
            builder.AddOrganizationName(organization);
        }
        builder.AddCommonName(profile.CommonName);
        return builder.Build();
    }

    private static OidCollection UsagesOf(CertificateProfile profile)
    {
        var usages = new OidCollection();
        if (profile.IsServer)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        }
        if (profile.IsClient)
        {
            usages.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        }
        return usages;
    }

    private static void AddAlternativeNames(CertificateRequest request, CertificateProfile profile)
    {
        if (profile.DnsNames.Count == 0 && profile.Addresses.Count == 0)
        {
            return;
        }

        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in profile.DnsNames)
        {
            names.AddDnsName(name);
        }
        foreach (var address in profile.Addresses)
        {
            names.AddIpAddress(address);
        }
        request.CertificateExtensions.Add(names.Build());
    }

    /// <summary>Whether a certificate still says what the profile asks for, is signed by this authority and is not about to expire.</summary>
    public bool IsCurrent(PemPair pair, CertificateProfile profile)
    {
        using var certificate = X509Certificate2.CreateFromPem(pair.Certificate);
        using var issuer = X509Certificate2.CreateFromPem(authority.Certificate);
        if (!certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData)
            || !certificate.SubjectName.RawData.AsSpan().SequenceEqual(SubjectOf(profile).RawData)
            || certificate.NotAfter.ToUniversalTime() - time.GetUtcNow() < RenewBefore
            || !IsSignedBy(certificate, issuer))
        {
            return false;
        }

        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var dns = names?.EnumerateDnsNames().ToHashSet(StringComparer.Ordinal) ?? [];
        var addresses = names?.EnumerateIPAddresses().ToHashSet() ?? new HashSet<IPAddress>();
        return dns.SetEquals(profile.DnsNames) && addresses.SetEquals(profile.Addresses);
    }

    /// <summary>A start renews what would expire within a month: a cluster that is restarted now and then never sees an expired one.</summary>
    private static TimeSpan RenewBefore => TimeSpan.FromDays(30);

    private static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }
        var sequence = new AsnReader(certificate.RawData, AsnEncodingRules.DER).ReadSequence();
        var signed = sequence.ReadEncodedValue();
        sequence.ReadEncodedValue();
        var signature = sequence.ReadBitString(out _);
        using var key = issuer.GetECDsaPublicKey();
        return key is not null && key.VerifyData(signed.Span, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
