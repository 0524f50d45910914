using System.Security.Cryptography;
using System.Text;
using Kybernet.Api.Certificates.V1Beta1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Reads the certificates that projected volumes want from ClusterTrustBundles: each once, without comments.</summary>
internal sealed class TrustBundles(ApiClient client)
{
    /// <summary>The certificates in PEM; empty where there are none and that is allowed.</summary>
    /// <exception cref="VolumeException">There is no such bundle.</exception>
    public async Task<string> ReadAsync(ClusterTrustBundleProjection projection, CancellationToken cancellationToken)
    {
        if (projection.Name is { Length: > 0 } name)
        {
            var bundle = await client.FindAsync<ClusterTrustBundle>("", name, cancellationToken);
            return bundle is null && projection.Optional != true
                ? throw new VolumeException($"clustertrustbundle \"{name}\" not found")
                : Normalised(bundle is null ? [] : [bundle]);
        }
        if (projection.LabelSelector is not { } selector)
        {
            return Normalised([]);
        }
        var all = await client.ListAsync<ClusterTrustBundle>("", new ListSelection(FieldSelector: $"spec.signerName={projection.SignerName}"), cancellationToken);
        var labels = Selector.From(selector);
        var chosen = all.Where(bundle => labels.Matches(bundle.Metadata.Labels)).ToArray();
        return chosen.Length == 0 && projection.Optional != true
            ? throw new VolumeException("combination of signerName and labelSelector matched zero ClusterTrustBundles")
            : Normalised(chosen);
    }

    private static string Normalised(IReadOnlyList<ClusterTrustBundle> bundles)
    {
        // In the order of their bytes, which is the same at each refresh: the file changes only when the certificates do.
        var certificates = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var bundle in bundles)
        {
            ReadOnlySpan<char> rest = bundle.Spec.TrustBundle;
            while (PemEncoding.TryFind(rest, out var fields))
            {
                certificates.Add(rest[fields.Base64Data].ToString());
                rest = rest[fields.Location.End..];
            }
        }
        var text = new StringBuilder();
        foreach (var certificate in certificates)
        {
            text.Append(PemEncoding.Write("CERTIFICATE", Convert.FromBase64String(certificate))).Append('\n');
        }
        return text.ToString();
    }
}
