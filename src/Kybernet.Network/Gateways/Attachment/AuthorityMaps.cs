using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>Reads the authorities that ConfigMaps hold in <c>ca.crt</c>.</summary>
internal sealed class AuthorityMaps(ILister<ConfigMap> maps)
{
    /// <summary>The key of the certificates.</summary>
    public const string Key = "ca.crt";

    /// <summary>Finds the certificates of a ConfigMap, as they are written there.</summary>
    public bool TryGet(NamespacedName map, [NotNullWhen(true)] out string? pem)
    {
        pem = maps.Get(map)?.Data.GetValueOrDefault(Key);
        try
        {
            return pem is not null && Read(pem).Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <exception cref="CryptographicException">It is no certificate.</exception>
    public static X509Certificate2Collection Read(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }
}
