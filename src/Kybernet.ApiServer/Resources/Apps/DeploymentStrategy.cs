using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>Deployments.</summary>
internal sealed class DeploymentStrategy : DefaultStrategy
{
    private static readonly string[] Types = ["Recreate", "RollingUpdate"];

    public override TableDefinition Table => AppsTables.Deployments;

    public override void Default(JsonObject item)
    {
        var spec = item.Object("spec");
        PodDefaults.Template(spec?.Object("template")?.Object("spec"));
        if (spec?.Object("strategy") is { } strategy && strategy.Text("type") is null or "" or "RollingUpdate")
        {
            strategy!.Fill("type", "RollingUpdate");
            var rolling = strategy!.EnsureObject("rollingUpdate");
            rolling.Fill("maxUnavailable", "25%");
            rolling.Fill("maxSurge", "25%");
        }
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => Validate(item.As<Deployment>(), errors);

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var deployment = item.As<Deployment>();
        Validate(deployment, errors);
        WorkloadValidation.SameSelector(deployment.Spec.Selector, previous.As<Deployment>().Spec.Selector, errors);
    }

    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var status = item.As<Deployment>().Status;
        var path = FieldPath.Of("status");
        errors.NonNegative(status.ObservedGeneration, path, "observedGeneration");
        errors.NonNegative(status.Replicas, path, "replicas");
        errors.NonNegative(status.UpdatedReplicas, path, "updatedReplicas");
        errors.NonNegative(status.ReadyReplicas, path, "readyReplicas");
        errors.NonNegative(status.AvailableReplicas, path, "availableReplicas");
        errors.NonNegative(status.UnavailableReplicas, path, "unavailableReplicas");
        errors.NonNegative(status.CollisionCount, path, "collisionCount");
        var total = status.Replicas ?? 0;
        NotMore(status.UpdatedReplicas, total, path, "updatedReplicas", errors);
        NotMore(status.ReadyReplicas, total, path, "readyReplicas", errors);
        NotMore(status.AvailableReplicas, total, path, "availableReplicas", errors);
        if (status.AvailableReplicas > (status.ReadyReplicas ?? 0))
        {
            errors.Invalid(path.Child("availableReplicas"), status.AvailableReplicas, "cannot be greater than readyReplicas");
        }
        if (previous.As<Deployment>().Status.CollisionCount is { } collisions && (status.CollisionCount is null || status.CollisionCount < collisions))
        {
            errors.Invalid(path.Child("collisionCount"), status.CollisionCount ?? 0, "cannot be decremented");
        }
    }

    public override IEnumerable<string> Warnings(EncodedObject item)
    {
        var template = item.As<Deployment>().Spec.Template;
        return PodWarnings.Of(template.Metadata, template.Spec, "spec.template.");
    }

    private static void Validate(Deployment deployment, FieldErrors errors)
    {
        var spec = deployment.Spec;
        errors.NonNegative(spec.Replicas, WorkloadValidation.Spec, "replicas");
        WorkloadValidation.Selector(spec.Selector, "deployment", errors);
        PodTemplateValidation.ValidateRunning(spec.Template, spec.Selector, "ReplicaSet", WorkloadValidation.Spec.Child("template"), errors);
        if (spec.Strategy is { } strategy)
        {
            Strategy(strategy, WorkloadValidation.Spec.Child("strategy"), errors);
        }
        errors.NonNegative(spec.MinReadySeconds, WorkloadValidation.Spec, "minReadySeconds");
        errors.NonNegative(spec.RevisionHistoryLimit, WorkloadValidation.Spec, "revisionHistoryLimit");
        errors.NonNegative(spec.ProgressDeadlineSeconds, WorkloadValidation.Spec, "progressDeadlineSeconds");
        if (spec.ProgressDeadlineSeconds <= (spec.MinReadySeconds ?? 0))
        {
            errors.Invalid(WorkloadValidation.Spec.Child("progressDeadlineSeconds"), spec.ProgressDeadlineSeconds, "must be greater than minReadySeconds");
        }
    }

    private static void Strategy(Api.Apps.V1.DeploymentStrategy strategy, FieldPath path, FieldErrors errors)
    {
        switch (strategy.Type)
        {
            case "Recreate":
                if (strategy.RollingUpdate is not null)
                {
                    errors.Forbidden(path.Child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'");
                }
                break;
            case "RollingUpdate":
                if (strategy.RollingUpdate is { } rolling)
                {
                    RollingUpdate(rolling, path.Child("rollingUpdate"), errors);
                }
                else
                {
                    errors.Required(path.Child("rollingUpdate"), "this should be defaulted and never be nil");
                }
                break;
            case not null:
                errors.NotSupported(path, strategy.Type, Types);
                break;
        }
    }

    private static void RollingUpdate(RollingUpdateDeployment rolling, FieldPath path, FieldErrors errors)
    {
        WorkloadValidation.CountOrPercentage(rolling.MaxUnavailable, path.Child("maxUnavailable"), errors);
        WorkloadValidation.CountOrPercentage(rolling.MaxSurge, path.Child("maxSurge"), errors);
        if (WorkloadValidation.NumberOf(rolling.MaxUnavailable) == 0 && WorkloadValidation.NumberOf(rolling.MaxSurge) == 0)
        {
            errors.Invalid(path.Child("maxUnavailable"), rolling.MaxUnavailable is { IsInt: true } ? 0 : rolling.MaxUnavailable?.StringValue,
                "may not be 0 when `maxSurge` is 0");
        }
        WorkloadValidation.NotMoreThanAll(rolling.MaxUnavailable, path.Child("maxUnavailable"), errors);
    }

    private static void NotMore(int? value, int total, FieldPath path, string field, FieldErrors errors)
    {
        if (value > total)
        {
            errors.Invalid(path.Child(field), value.Value, "cannot be greater than status.replicas");
        }
    }
}
