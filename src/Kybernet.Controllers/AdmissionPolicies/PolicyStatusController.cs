using Kybernet.Api;
using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Cel;
using Kybernet.Client;

namespace Kybernet.Controllers.AdmissionPolicies;

/// <summary>Tells in the status of each ValidatingAdmissionPolicy what is wrong with its expressions by the types of what it is about.</summary>
internal sealed class PolicyStatusController(ApiClient client, ILister<ValidatingAdmissionPolicy> policies, PolicyTypeChecker checker) : IReconciler
{
    private const string Name = "validatingadmissionpolicy-status";

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("validatingadmissionpolicy-status-controller");
        var policies = context.Informers.Informer<ValidatingAdmissionPolicy>();
        var queue = context.Queue(Name);
        queue.WakeOn(policies);
        context.Run(Name, new PolicyStatusController(client, policies, new PolicyTypeChecker(new SchemaDeclarations())), queue, 1);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (policies.Get(key) is not { } policy || policy.Metadata.Generation <= (policy.Status.ObservedGeneration ?? 0))
        {
            return Requeue.OnChange;
        }
        var status = policy.Status with
        {
            ObservedGeneration = policy.Metadata.Generation,
            TypeChecking = new TypeChecking { ExpressionWarnings = checker.Check(policy.Spec) },
        };
        try
        {
            await client.UpdateStatusAsync(policy with { Status = status }, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsConflict || exception.IsNotFound)
        {
            // it has changed, or is gone: an event will come
        }
        return Requeue.OnChange;
    }
}
