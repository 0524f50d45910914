using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Api.Certificates;

/// <summary>Who a certificate's subject names: the common name is the user, the organisations are the groups.</summary>
/// <param name="CommonName">Empty where there is none.</param>
/// <param name="Organizations">In the certificate's order.</param>
public sealed record CertificateSubject(string CommonName, IReadOnlyList<string> Organizations)
{
    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";

    /// <summary>Reads a distinguished name. Go puts all organisations in one set, which the framework's own reader does not take apart.</summary>
    public static CertificateSubject Of(X500DistinguishedName name)
    {
        var commonName = "";
        var organizations = new List<string>();
        var sets = new AsnReader(name.RawData, AsnEncodingRules.DER).ReadSequence();
        while (sets.HasData)
        {
            var set = sets.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                var attribute = set.ReadSequence();
                var oid = attribute.ReadObjectIdentifier();
                if (oid is not (CommonNameOid or OrganizationOid))
                {
                    continue;
                }
                var value = attribute.ReadCharacterString((UniversalTagNumber)attribute.PeekTag().TagValue);
                if (oid == CommonNameOid)
                {
                    commonName = value;
                }
                else
                {
                    organizations.Add(value);
                }
            }
        }
        return new CertificateSubject(commonName, organizations);
    }
}
