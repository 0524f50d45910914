using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kybernet.Api.Certificates;

/// <summary>What a PKCS#10 request (RFC 2986) asks to have certified, its signature checked.</summary>
/// <param name="Subject">The name, as it was encoded.</param>
/// <param name="PublicKey">The key.</param>
/// <param name="DnsNames">The DNS names among the alternative names.</param>
/// <param name="Addresses">The IP addresses among them.</param>
/// <param name="HasOtherNames">Whether there are alternative names of other kinds: URIs, mail addresses, ...</param>
/// <param name="AlternativeNames">All alternative names, as they were encoded; null for none.</param>
public sealed record SigningRequest(
    X500DistinguishedName Subject,
    PublicKey PublicKey,
    IReadOnlyList<string> DnsNames,
    IReadOnlyList<System.Net.IPAddress> Addresses,
    bool HasOtherNames,
    X509SubjectAlternativeNameExtension? AlternativeNames)
{
    private const string AlternativeNamesOid = "2.5.29.17";

    /// <summary>Reads the PEM block of a request.</summary>
    /// <exception cref="FormatException">It holds no request, or one whose signature does not match.</exception>
    public static SigningRequest Parse(ReadOnlySpan<byte> pem)
    {
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(
                Encoding.UTF8.GetString(pem), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);
            var extension = request.CertificateExtensions.FirstOrDefault(static extension => extension.Oid?.Value == AlternativeNamesOid);
            var names = extension is null ? null : new X509SubjectAlternativeNameExtension(extension.RawData, extension.Critical);
            string[] dnsNames = names is null ? [] : [.. names.EnumerateDnsNames()];
            System.Net.IPAddress[] addresses = names is null ? [] : [.. names.EnumerateIPAddresses()];
            var hasOthers = extension is not null && CountNames(extension.RawData) > dnsNames.Length + addresses.Length;
            return new SigningRequest(request.SubjectName, request.PublicKey, dnsNames, addresses, hasOthers, names);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or System.Formats.Asn1.AsnContentException)
        {
            throw new FormatException($"PEM block is no usable CERTIFICATE REQUEST: {exception.Message}", exception);
        }
    }

    // GeneralNames ::= SEQUENCE OF GeneralName
    private static int CountNames(byte[] generalNames)
    {
        var names = new System.Formats.Asn1.AsnReader(generalNames, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        var count = 0;
        while (names.HasData)
        {
            names.ReadEncodedValue();
            count++;
        }
        return count;
    }
}
