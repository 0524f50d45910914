using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>What ReplicaSets and ReplicationControllers show and report alike.</summary>
internal static class ReplicaTable
{
    public static IReadOnlyList<TableColumn> Columns { get; } =
    [
        Resources.Columns.Name,
        Resources.Columns.Number("Desired", "Number of pods that are wanted."),
        Resources.Columns.Number("Current", "Number of pods that are there."),
        Resources.Columns.Number("Ready", "Number of pods that are ready."),
        Resources.Columns.Age,
        Resources.Columns.Text("Containers", "Names of each container in the template.", 1),
        Resources.Columns.Text("Images", "Images referenced by each container in the template.", 1),
        Resources.Columns.Text("Selector", "The labels of the pods.", 1),
    ];

    public static IReadOnlyList<object?> Cells(
        ObjectMeta metadata, int? desired, int current, int? ready, PodTemplateSpec? template, string selector, DateTimeOffset now) =>
    [
        metadata.Name, (long)(desired ?? 1), (long)current, (long)(ready ?? 0), Resources.Columns.AgeOf(metadata, now),
        Resources.Columns.ContainerNames(template), Resources.Columns.ContainerImages(template), selector,
    ];

    public static void ValidateStatus(int replicas, int? labelled, int? ready, int? available, long? observed, FieldErrors errors)
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
