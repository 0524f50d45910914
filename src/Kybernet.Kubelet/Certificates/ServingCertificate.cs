using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Certificates;

/// <summary>
/// What a kubelet's own API shows when the cluster signs it: its Node has to be there with its addresses first, so until then it vouches for itself.
/// </summary>
/// <param name="nodeName">The node.</param>
/// <param name="path">The file to keep it in.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it tells of renewals.</param>
public sealed class ServingCertificate(string nodeName, string path, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly ManagedCertificate _managed = new(path, time, logger);
    private readonly X509Certificate2 _own = SelfSigned(nodeName, time);

    /// <summary>The certificate to show now.</summary>
    public X509Certificate2 Current => _managed.Current ?? _own;

    /// <summary>Has it signed, and renewed, until cancelled.</summary>
    public Task RunAsync(ApiClient client, CancellationToken cancellationToken) =>
        _managed.RunAsync(client, token => WishAsync(client, token), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _own.Dispose();

    private async Task<CertificateWish?> WishAsync(ApiClient client, CancellationToken cancellationToken)
    {
        var addresses = (await client.FindAsync<Node>("", nodeName, cancellationToken))?.Status.Addresses;
        if (addresses is not { Count: > 0 })
        {
            return null;
        }
        return CertificateWish.Serving(
            nodeName,
            [.. addresses.Where(static address => address.Type is "Hostname" or "InternalDNS" or "ExternalDNS").Select(static address => address.Address).Distinct()],
            [.. addresses.Where(static address => address.Type is "InternalIP" or "ExternalIP").Select(static address => IPAddress.Parse(address.Address)).Distinct()]);
    }

    private static X509Certificate2 SelfSigned(string nodeName, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return CertificateWish.Serving(nodeName, [nodeName], []).SelfSign(key, time.GetUtcNow());
    }
}
