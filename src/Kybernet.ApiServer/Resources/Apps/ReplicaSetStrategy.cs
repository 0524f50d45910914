using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>ReplicaSets.</summary>
internal sealed class ReplicaSetStrategy : DefaultStrategy
{
    public override IReadOnlyList<string> SelectableFields { get; } = ["status.replicas"];

    public override TableDefinition Table => AppsTables.ReplicaSets;

    public override void Default(JsonObject item) => PodDefaults.Template(item.Object("spec")?.Object("template")?.Object("spec"));

    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => Validate(item.As<ReplicaSet>(), errors);

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var set = item.As<ReplicaSet>();
        Validate(set, errors);
        WorkloadValidation.SameSelector(set.Spec.Selector, previous.As<ReplicaSet>().Spec.Selector, errors);
    }

    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var status = item.As<ReplicaSet>().Status;
        ReplicaStatusRules.Validate(
            status.Replicas, status.FullyLabeledReplicas, status.ReadyReplicas, status.AvailableReplicas, status.ObservedGeneration, errors);
    }

    public override IEnumerable<string> Warnings(EncodedObject item) =>
        item.As<ReplicaSet>().Spec.Template is { } template ? PodWarnings.Of(template.Metadata, template.Spec, "spec.template.") : [];

    public override string? SelectableField(EncodedObject item, string field) => field == "status.replicas"
        ? item.As<ReplicaSet>().Status.Replicas.ToString(System.Globalization.CultureInfo.InvariantCulture) : null;

    private static void Validate(ReplicaSet set, FieldErrors errors)
    {
        errors.NonNegative(set.Spec.Replicas, WorkloadValidation.Spec, "replicas");
        errors.NonNegative(set.Spec.MinReadySeconds, WorkloadValidation.Spec, "minReadySeconds");
        WorkloadValidation.Selector(set.Spec.Selector, "deployment", errors);
        PodTemplateValidation.ValidateRunning(
            set.Spec.Template ?? PodTemplateSpec.Empty, set.Spec.Selector, "ReplicaSet", WorkloadValidation.Spec.Child("template"), errors);
    }
}
