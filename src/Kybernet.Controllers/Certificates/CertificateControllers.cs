using Kybernet.Api.Certificates.V1;

namespace Kybernet.Controllers.Certificates;

/// <summary>Approving, signing and cleaning up CertificateSigningRequests.</summary>
internal static class CertificateControllers
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("certificate-controller");
        var requests = context.Informers.Informer<CertificateSigningRequest>();
        void Run(string name, Client.IReconciler reconciler)
        {
            var queue = context.Queue(name);
            queue.WakeOn(requests);
            context.Run(name, reconciler, queue, context.Options.Workers);
        }

        Run("csrapproving", new SigningRequestApprover(client, requests, context.Time));
        if (context.Options.ApproveKubeletServing)
        {
            // Upstream has no such controller, and its account may not approve for this signer.
            var approver = context.ClientFor("kubelet-serving-approver");
            Run("csrapproving-serving", new ServingRequestApprover(approver, requests, context.Informers.Informer<Api.Core.V1.Node>(), context.Time));
        }
        Run("csrcleaner", new SigningRequestCleaner(client, requests, context.Time));
        if (context.Options.ClusterSigningKey.Length > 0)
        {
            var signer = new ClusterSigner(
                context.Options.ClusterSigningCertificate, context.Options.ClusterSigningKey, context.Options.ClusterSigningDuration, context.Time);
            Run("csrsigning", new SigningRequestSigner(client, requests, signer, context.Time));
        }
    }
}
