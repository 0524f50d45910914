using Kybernet.Api;
using Kybernet.Api.Authorization.V1;
using Kybernet.Api.Certificates;
using Kybernet.Api.Certificates.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Certificates;

/// <summary>
/// Approves the client certificates of kubelets: the first one for whoever may create <c>certificatesigningrequests/nodeclient</c>, a renewal for the node
/// itself if it may create <c>certificatesigningrequests/selfnodeclient</c>. All other requests wait for a person.
/// </summary>
internal sealed class SigningRequestApprover(ApiClient client, ILister<CertificateSigningRequest> requests, TimeProvider time) : IReconciler
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (requests.Get(key) is not { Spec.SignerName: Signers.KubeletClient } request || request.IsDecided())
        {
            return Requeue.OnChange;
        }
        var parsed = SigningRequest.Parse(request.Spec.Request.Span);
        if (Signers.Objection(request.Spec, parsed) is not null)
        {
            return Requeue.OnChange;
        }
        if (request.Spec.Username == CertificateSubject.Of(parsed.Subject).CommonName && await MayAsync(request.Spec, "selfnodeclient", cancellationToken))
        {
            await client.ApproveAsync(request, "Auto approving self kubelet client certificate after SubjectAccessReview.", time.GetUtcNow(), cancellationToken);
        }
        else if (await MayAsync(request.Spec, "nodeclient", cancellationToken))
        {
            await client.ApproveAsync(request, "Auto approving kubelet client certificate after SubjectAccessReview.", time.GetUtcNow(), cancellationToken);
        }
        return Requeue.OnChange;
    }

    private async Task<bool> MayAsync(CertificateSigningRequestSpec spec, string subresource, CancellationToken cancellationToken)
    {
        var review = new SubjectAccessReview
        {
            Spec = new SubjectAccessReviewSpec
            {
                User = spec.Username,
                Uid = spec.Uid,
                Groups = spec.Groups,
                Extra = spec.Extra,
                ResourceAttributes = new ResourceAttributes
                {
                    Group = "certificates.k8s.io", Resource = "certificatesigningrequests", Verb = "create", Subresource = subresource, Version = "*",
                },
            },
        };
        return (await client.CreateAsync(review, cancellationToken)).Status.Allowed;
    }
}
