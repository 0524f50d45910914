using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.Api;
using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Certificates;

/// <summary>Deletes requests that nobody needs any more: decided or issued an hour ago, waiting for a day, or whose certificate has expired.</summary>
internal sealed class SigningRequestCleaner(ApiClient client, ILister<CertificateSigningRequest> requests, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan DecidedLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan PendingLifetime = TimeSpan.FromHours(24);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (requests.Get(key) is not { } request)
        {
            return Requeue.OnChange;
        }
        var remaining = EndOf(request) - time.GetUtcNow();
        if (remaining > TimeSpan.Zero)
        {
            return Requeue.In(remaining);
        }
        var options = new DeleteOptions { Preconditions = new Preconditions { Uid = request.Metadata.Uid } };
        await client.DeleteAsync<CertificateSigningRequest>("", key.Name, options, cancellationToken);
        return Requeue.OnChange;
    }

    private static DateTimeOffset EndOf(CertificateSigningRequest request)
    {
        var created = request.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue;
        var decided = request.Status.Conditions.Where(static condition => condition.LastUpdateTime is not null).ToList();
        var end = decided.Count > 0 ? decided.Min(static condition => condition.LastUpdateTime!.Value) + DecidedLifetime : created + PendingLifetime;
        return CertificateEnd(request) is { } expiry && expiry < end ? expiry : end;
    }

    private static DateTimeOffset? CertificateEnd(CertificateSigningRequest request)
    {
        if (request.Status.Certificate is not { IsEmpty: false } issued)
        {
            return null;
        }
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(issued.Span));
            return certificate.NotAfter;
        }
        catch (CryptographicException)
        {
            return null; // whoever signed it wrote something else; its age decides
        }
    }
}
