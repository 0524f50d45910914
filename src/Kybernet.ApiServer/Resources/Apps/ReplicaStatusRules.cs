using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>What the statuses of ReplicaSets and ReplicationControllers may say.</summary>
internal static class ReplicaStatusRules
{
    public static void Validate(int replicas, int? labelled, int? ready, int? available, long? observed, FieldErrors errors)
    {
        const string MoreThanAll = "cannot be greater than status.replicas";
        var path = FieldPath.Of("status");
        errors.NonNegative(replicas, path, "replicas");
        errors.NonNegative(labelled, path, "fullyLabeledReplicas");
        errors.NonNegative(ready, path, "readyReplicas");
        errors.NonNegative(available, path, "availableReplicas");
        errors.NonNegative(observed, path, "observedGeneration");
        if (labelled > replicas)
        {
            errors.Invalid(path.Child("fullyLabeledReplicas"), labelled, MoreThanAll);
        }
        if (ready > replicas)
        {
            errors.Invalid(path.Child("readyReplicas"), ready, MoreThanAll);
        }
        if (available > replicas)
        {
            errors.Invalid(path.Child("availableReplicas"), available, MoreThanAll);
        }
        if (available > (ready ?? 0))
        {
            errors.Invalid(path.Child("availableReplicas"), available, "cannot be greater than readyReplicas");
        }
    }
}
