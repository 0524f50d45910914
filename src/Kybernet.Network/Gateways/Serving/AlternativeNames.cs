using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Gateway.V1;
using Kybernet.Network.Gateways.Routing;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>The names that a certificate is for.</summary>
internal static class AlternativeNames
{
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>Whether a certificate has one of the names that are wanted.</summary>
    public static bool HasAny(X509Certificate2 certificate, IReadOnlyList<SubjectAltName> wanted)
    {
        foreach (var name in wanted)
        {
            if (name.Type == "URI" ? Uris(certificate).Contains(name.Uri ?? "") : DnsNames(certificate).Any(own => Hostnames.Covers(own, name.Hostname ?? "")))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Its DNS names.</summary>
    public static IEnumerable<string> DnsNames(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static extension => extension.EnumerateDnsNames());

    private static List<string> Uris(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(Uri))
                {
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }
        return uris;
    }
}
