using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Apps;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>ReplicationControllers: ReplicaSets of old, whose selector is a plain map.</summary>
internal sealed class ReplicationControllerStrategy : DefaultStrategy
{
    public override bool OrphansByDefault => true;

    public override TableDefinition Table => AppsTables.ReplicationControllers;

    /// <summary>Selector and labels that are left out are those of the template.</summary>
    public override void Default(JsonObject item)
    {
        var spec = item.Object("spec");
        var template = spec?.Object("template");
        PodDefaults.Template(template?.Object("spec"));
        if (template?.Object("metadata")?.Object("labels") is not { Count: > 0 } labels)
        {
            return;
        }
        if (spec is not null && spec.Object("selector") is not { Count: > 0 })
        {
            spec["selector"] = labels.DeepClone();
        }
        if (item.EnsureObject("metadata").Object("labels") is not { Count: > 0 })
        {
            item.EnsureObject("metadata")["labels"] = labels.DeepClone();
        }
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<ReplicationController>().Spec;
        errors.NonNegative(spec.MinReadySeconds, WorkloadValidation.Spec, "minReadySeconds");
        if (spec.Selector.Count == 0)
        {
            errors.Required(WorkloadValidation.Spec.Child("selector"));
        }
        errors.NonNegative(spec.Replicas, WorkloadValidation.Spec, "replicas");
        var path = WorkloadValidation.Spec.Child("template");
        if (spec.Template is not { } template)
        {
            errors.Required(path);
            return;
        }
        PodTemplateValidation.ValidateRunning(template, new LabelSelector { MatchLabels = spec.Selector }, "ReplicationController", path, errors);
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => ValidateCreate(item, errors);
}
