using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Resources.Autoscaling;

/// <summary>How HorizontalPodAutoscalers are shown. Both versions read as the newer one, but for what they measure.</summary>
internal static class AutoscalerTable
{
    private const int Shown = 2;
    private const string Unknown = "<unknown>";

    public static TableDefinition Definition { get; } = new TableBuilder<Row>(Read, static row => row.Scaler.Metadata)
        .Name()
        .Text("Reference", "What is scaled.", static row => $"{row.Scaler.Spec.ScaleTargetRef.Kind}/{row.Scaler.Spec.ScaleTargetRef.Name}")
        .Text("Targets", "What is measured, and what it should be.", static row => row.Targets)
        .Text("MinPods", "The smallest number of pods.", static row => row.Scaler.Spec.MinReplicas?.ToString(CultureInfo.InvariantCulture) ?? "<unset>")
        .Count("MaxPods", "The largest number of pods.", static row => row.Scaler.Spec.MaxReplicas)
        .Count("Replicas", "The current number of pods.", static row => row.Scaler.Status.CurrentReplicas ?? 0)
        .Age()
        .Build();

    private static Row Read(EncodedObject item)
    {
        var scaler = item.As<HorizontalPodAutoscaler>();
        return new(scaler, ObjectForms.IsOf(item, "autoscaling/v1"u8) ? OldTargets(item) : Targets(scaler.Spec.Metrics, scaler.Status.CurrentMetrics));
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

    private sealed record Row(HorizontalPodAutoscaler Scaler, string Targets);
}
