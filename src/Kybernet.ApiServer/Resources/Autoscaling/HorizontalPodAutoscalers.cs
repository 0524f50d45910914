using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Autoscaling;

/// <summary>HorizontalPodAutoscalers, in either version.</summary>
internal static class HorizontalPodAutoscalers
{
    private const int Shown = 2;
    private const string Unknown = "<unknown>";

    public static TableDefinition Table { get; } = new(
        [
            Columns.Name,
            Columns.Text("Reference", "What is scaled."),
            Columns.Text("Targets", "What is measured, and what it should be."),
            Columns.Text("MinPods", "The smallest number of pods."),
            Columns.Text("MaxPods", "The largest number of pods."),
            Columns.Text("Replicas", "The current number of pods."),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var scaler = item.As<HorizontalPodAutoscaler>();
            var spec = scaler.Spec;
            return
            [
                scaler.Metadata.Name, $"{spec.ScaleTargetRef.Kind}/{spec.ScaleTargetRef.Name}",
                ObjectForms.IsOf(item, "autoscaling/v1"u8) ? OldTargets(item) : Targets(spec.Metrics, scaler.Status.CurrentMetrics),
                spec.MinReplicas?.ToString(CultureInfo.InvariantCulture) ?? "<unset>", (long)spec.MaxReplicas,
                (long)(scaler.Status.CurrentReplicas ?? 0), Columns.AgeOf(scaler.Metadata, now),
            ];
        });

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<HorizontalPodAutoscaler>().Spec;
        var path = FieldPath.Of("spec");
        if (spec.MinReplicas is < 1)
        {
            errors.Invalid(path.Child("minReplicas"), spec.MinReplicas, "must be greater than or equal to 1");
        }
        if (spec.MaxReplicas < 1)
        {
            errors.Invalid(path.Child("maxReplicas"), spec.MaxReplicas, "must be greater than 0");
        }
        if (spec.MinReplicas > spec.MaxReplicas)
        {
            errors.Invalid(path.Child("maxReplicas"), spec.MaxReplicas, "must be greater than or equal to `minReplicas`");
        }
        var target = path.Child("scaleTargetRef");
        if (errors.Needs(spec.ScaleTargetRef.Kind, target, "kind"))
        {
            errors.Name(spec.ScaleTargetRef.Kind, target, "kind", NameRules.PathSegment);
        }
        if (errors.Needs(spec.ScaleTargetRef.Name, target, "name"))
        {
            errors.Name(spec.ScaleTargetRef.Name, target, "name", NameRules.PathSegment);
        }
    }

    private static string OldTargets(EncodedObject item)
    {
        var scaler = ModelJson.Parse<Kybernet.Api.Autoscaling.V1.HorizontalPodAutoscaler>(item.Json.Span);
        return scaler.Spec.TargetCPUUtilizationPercentage is { } target
            ? $"cpu: {Percent(scaler.Status.CurrentCPUUtilizationPercentage)}/{Percent(target)}" : "<none>";
    }

    private static string Targets(IReadOnlyList<MetricSpec> specs, IReadOnlyList<MetricStatus> statuses)
    {
        var texts = new List<string>(specs.Count);
        for (var i = 0; i < specs.Count; i++)
        {
            texts.Add(Target(specs[i], i < statuses.Count ? statuses[i] : null));
        }
        return texts.Count switch
        {
            0 => "<none>",
            > Shown => string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", texts.Take(Shown))} + {texts.Count - Shown} more..."),
            _ => string.Join(", ", texts),
        };
    }

    private static string Target(MetricSpec spec, MetricStatus? status) => spec switch
    {
        { Resource: { } resource } => $"{resource.Name}: {Utilization(resource.Target, status?.Resource?.Current)}",
        { ContainerResource: { } container } => $"{container.Name}: {Utilization(container.Target, status?.ContainerResource?.Current)}",
        { Pods: { } pods } => $"{status?.Pods?.Current.AverageValue?.ToString() ?? Unknown}/{pods.Target.AverageValue}",
        { Object: { } described } => ValueOrAverage(described.Target, status?.Object?.Current),
        { External: { } external } => ValueOrAverage(external.Target, status?.External?.Current),
        _ => "<unknown type>",
    };

    private static string Utilization(MetricTarget target, MetricValueStatus? current) => target.AverageValue is { } value
        ? $"{current?.AverageValue?.ToString() ?? Unknown}/{value}"
        : $"{Percent(current?.AverageUtilization)}/{(target.AverageUtilization is { } utilization ? Percent(utilization) : "<auto>")}";

    private static string ValueOrAverage(MetricTarget target, MetricValueStatus? current) => target.AverageValue is { } average
        ? $"{current?.AverageValue?.ToString() ?? Unknown}/{average} (avg)"
        : $"{current?.Value?.ToString() ?? Unknown}/{target.Value}";

    private static string Percent(int? number) => number is { } given ? string.Create(CultureInfo.InvariantCulture, $"{given}%") : Unknown;
}
