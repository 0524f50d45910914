using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>What holds for DaemonSets and StatefulSets.</summary>
internal static class SetRules
{
    /// <summary>The template's defaults.</summary>
    public static void Default(JsonObject item) => PodDefaults.Template(item.Object("spec")?.Object("template")?.Object("spec"));

    public static void DaemonSet(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<DaemonSet>().Spec;
        WorkloadValidation.Selector(spec.Selector, "daemonset", errors);
        PodTemplateValidation.ValidateRunning(spec.Template, spec.Selector, "DaemonSet", WorkloadValidation.Spec.Child("template"), errors);
        errors.NonNegative(spec.MinReadySeconds, WorkloadValidation.Spec, "minReadySeconds");
        errors.NonNegative(spec.RevisionHistoryLimit, WorkloadValidation.Spec, "revisionHistoryLimit");
        if (spec.UpdateStrategy is { } strategy)
        {
            errors.OneOf(strategy.Type, WorkloadValidation.Spec.Child("updateStrategy"), "type", ["RollingUpdate", "OnDelete"]);
            Rolling(strategy.RollingUpdate?.MaxUnavailable, strategy.RollingUpdate?.MaxSurge, errors);
        }
    }

    public static void DaemonSetUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        WorkloadValidation.SameSelector(item.As<DaemonSet>().Spec.Selector, previous.As<DaemonSet>().Spec.Selector, errors);

    public static void StatefulSet(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<StatefulSet>().Spec;
        errors.OneOf(spec.PodManagementPolicy, WorkloadValidation.Spec, "podManagementPolicy", ["OrderedReady", "Parallel"]);
        if (spec.UpdateStrategy is { } strategy)
        {
            errors.OneOf(strategy.Type, WorkloadValidation.Spec.Child("updateStrategy"), "type", ["RollingUpdate", "OnDelete"]);
            errors.NonNegative(strategy.RollingUpdate?.Partition, WorkloadValidation.Spec.Child("updateStrategy").Child("rollingUpdate"), "partition");
        }
        errors.NonNegative(spec.Replicas, WorkloadValidation.Spec, "replicas");
        errors.NonNegative(spec.MinReadySeconds, WorkloadValidation.Spec, "minReadySeconds");
        errors.NonNegative(spec.Ordinals?.Start, WorkloadValidation.Spec.Child("ordinals"), "start");
        WorkloadValidation.Selector(spec.Selector, "statefulset", errors);
        PodTemplateValidation.ValidateRunning(WithClaims(spec), spec.Selector, "StatefulSet", WorkloadValidation.Spec.Child("template"), errors);
    }

    public static void StatefulSetUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (spec, old) = (item.As<StatefulSet>().Spec, previous.As<StatefulSet>().Spec);
        var comparable = spec with
        {
            Replicas = old.Replicas,
            Ordinals = old.Ordinals,
            Template = old.Template,
            UpdateStrategy = old.UpdateStrategy,
            RevisionHistoryLimit = old.RevisionHistoryLimit,
            PersistentVolumeClaimRetentionPolicy = old.PersistentVolumeClaimRetentionPolicy,
            MinReadySeconds = old.MinReadySeconds,
        };
        if (!ModelJson.Same(comparable, old))
        {
            errors.Forbidden(WorkloadValidation.Spec,
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', " +
                "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    /// <summary>The template as its pods will be: with a volume for each claim.</summary>
    private static PodTemplateSpec WithClaims(StatefulSetSpec spec)
    {
        var claims = spec.VolumeClaimTemplates.Select(static claim => claim.Metadata.Name ?? "").Where(name => spec.Template.Spec.Volumes.All(volume => volume.Name != name));
        Volume[] volumes =
        [
            .. spec.Template.Spec.Volumes,
            .. claims.Select(static name => new Volume { Name = name, PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = name } }),
        ];
        return spec.Template with { Spec = spec.Template.Spec with { Volumes = volumes } };
    }

    private static void Rolling(IntOrString? unavailable, IntOrString? surge, FieldErrors errors)
    {
        var path = WorkloadValidation.Spec.Child("updateStrategy").Child("rollingUpdate");
        WorkloadValidation.CountOrPercentage(unavailable, path.Child("maxUnavailable"), errors);
        WorkloadValidation.CountOrPercentage(surge, path.Child("maxSurge"), errors);
        WorkloadValidation.NotMoreThanAll(unavailable, path.Child("maxUnavailable"), errors);
        var (maxUnavailable, maxSurge) = (WorkloadValidation.NumberOf(unavailable), WorkloadValidation.NumberOf(surge));
        if (maxUnavailable > 0 && maxSurge > 0)
        {
            errors.Invalid(path.Child("maxSurge"), surge is { IsInt: true } ? surge.Value.IntValue : surge?.StringValue,
                "may not be set when maxUnavailable is non-zero");
        }
        else if (maxUnavailable == 0 && maxSurge is 0)
        {
            errors.Required(path.Child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
        }
    }
}
