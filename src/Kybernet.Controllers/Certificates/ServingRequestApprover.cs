using Kybernet.Api;
using Kybernet.Api.Certificates;
using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.Certificates;

/// <summary>
/// Approves a kubelet's serving certificate when the node itself asks, and asks for nothing but the names and addresses that its Node has. All others wait
/// for a person.
/// </summary>
internal sealed class ServingRequestApprover(
    ApiClient client, ILister<CertificateSigningRequest> requests, ILister<Node> nodes, TimeProvider time) : IReconciler
{
    private const string NodeUserPrefix = "system:node:";

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (requests.Get(key) is not { Spec.SignerName: Signers.KubeletServing } request || request.IsDecided())
        {
            return Requeue.OnChange;
        }
        var parsed = SigningRequest.Parse(request.Spec.Request.Span);
        var user = CertificateSubject.Of(parsed.Subject).CommonName;
        if (Signers.Objection(request.Spec, parsed) is null && request.Spec.Username == user
            && nodes.Get(new NamespacedName("", user[NodeUserPrefix.Length..])) is { } node && IsAllOf(node, parsed))
        {
            await client.ApproveAsync(request, "Auto approving kubelet serving certificate for the addresses of its Node.", time.GetUtcNow(), cancellationToken);
        }
        return Requeue.OnChange;
    }

    private static bool IsAllOf(Node node, SigningRequest request)
    {
        var known = node.Status.Addresses.Select(static address => address.Address).ToHashSet(StringComparer.Ordinal);
        return request.DnsNames.All(known.Contains) && request.Addresses.All(address => known.Contains(address.ToString()));
    }
}
