using System.Text;
using Kybernet.Api;
using Kybernet.Api.Certificates;
using Kybernet.Api.Certificates.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Certificates;

/// <summary>Signs approved requests to the built-in signers with the cluster's authority, or says why it will not.</summary>
internal sealed class SigningRequestSigner(
    ApiClient client, ILister<CertificateSigningRequest> requests, ClusterSigner signer, TimeProvider time) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (requests.Get(key) is not { } request || request.IsIssued() || !Signers.IsKnown(request.Spec.SignerName)
            || !request.Is(SigningRequestState.Approved) || request.Is(SigningRequestState.Denied) || request.Is(SigningRequestState.Failed))
        {
            return Requeue.OnChange;
        }
        await client.UpdateStatusAsync(Decide(request), cancellationToken);
        return Requeue.OnChange;
    }

    private CertificateSigningRequest Decide(CertificateSigningRequest request)
    {
        try
        {
            var parsed = SigningRequest.Parse(request.Spec.Request.Span);
            if (Signers.Objection(request.Spec, parsed) is { } objection)
            {
                return Refuse(request, objection);
            }
            var pem = signer.Sign(parsed, request.Spec.Usages, request.Spec.ExpirationSeconds);
            return request with { Status = request.Status with { Certificate = Encoding.ASCII.GetBytes(pem) } };
        }
        catch (FormatException exception)
        {
            return Refuse(request, exception.Message);
        }
    }

    private CertificateSigningRequest Refuse(CertificateSigningRequest request, string message) =>
        request.With(SigningRequestState.Failed, "SignerValidationFailure", message, time.GetUtcNow());
}
