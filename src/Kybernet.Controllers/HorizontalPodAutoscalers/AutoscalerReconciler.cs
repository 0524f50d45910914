using System.Collections.Concurrent;
using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Autoscaling.V1;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;
using Kybernet.Client;
using HorizontalPodAutoscaler = Kybernet.Api.Autoscaling.V2.HorizontalPodAutoscaler;
using HorizontalPodAutoscalerStatus = Kybernet.Api.Autoscaling.V2.HorizontalPodAutoscalerStatus;

namespace Kybernet.Controllers.HorizontalPodAutoscalers;

/// <summary>Brings the size of a workload to what its metrics ask for, every so often.</summary>
internal sealed class AutoscalerReconciler(
    ApiClient client, ILister<HorizontalPodAutoscaler> scalers, ILister<Pod> pods, Scales scales, MetricsReader reader, IEventRecorder events, TimeSpan period,
    TimeProvider time) : IReconciler
{
    private const double DefaultTolerance = 0.1;
    private readonly ConcurrentDictionary<NamespacedName, ScalingRules> _rules = new();

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (scalers.Get(key) is not { } scaler)
        {
            _rules.TryRemove(key, out _);
            return Requeue.OnChange;
        }
        var status = await ScaleAsync(scaler, scaler.Status with { ObservedGeneration = scaler.Metadata.Generation }, cancellationToken);
        if (!ModelJson.Same(status, scaler.Status))
        {
            await client.UpdateStatusAsync(scaler with { Status = status }, cancellationToken);
        }
        return Requeue.In(period);
    }

    private async Task<HorizontalPodAutoscalerStatus> ScaleAsync(
        HorizontalPodAutoscaler scaler, HorizontalPodAutoscalerStatus status, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var target = scaler.Spec.ScaleTargetRef;
        var version = GroupVersion.Parse(target.ApiVersion ?? "v1");
        var kind = new GroupVersionKind(version.Group, version.Version, target.Kind);
        Scale scale;
        try
        {
            scale = await scales.GetAsync(kind, scaler.Metadata.Namespace!, target.Name, cancellationToken);
        }
        catch (ApiException exception)
        {
            events.Record(scaler, EventType.Warning, "FailedGetScale", exception.Message);
            return status.With(
                AutoscalerConditions.AbleToScale, ConditionStatus.False, "FailedGetScale",
                $"the HPA controller was unable to get the target's current scale: {exception.Message}", now);
        }
        status = status.With(
            AutoscalerConditions.AbleToScale, ConditionStatus.True, "SucceededGetScale", "the HPA controller was able to get the target's current scale", now);
        var current = scale.Spec.Replicas ?? 0;
        status = status with { CurrentReplicas = current };
        var (desired, reason) = (current, "");
        (status, desired, reason) = await DecideAsync(scaler, scale, status, current, now, cancellationToken);
        return desired == current
            ? status with { DesiredReplicas = current }
            : await ResizeAsync(scaler, kind, scale, status, desired, reason, cancellationToken);
    }

    private async Task<(HorizontalPodAutoscalerStatus Status, int Desired, string Reason)> DecideAsync(
        HorizontalPodAutoscaler scaler, Scale scale, HorizontalPodAutoscalerStatus status, int current, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var minimum = scaler.Spec.MinReplicas ?? 1;
        if (current == 0 && minimum != 0)
        {
            const string disabled = "scaling is disabled since the replica count of the target is zero";
            return (status.With(AutoscalerConditions.ScalingActive, ConditionStatus.False, "ScalingDisabled", disabled, now), 0, "");
        }
        if (current > scaler.Spec.MaxReplicas)
        {
            return (status, scaler.Spec.MaxReplicas, "Current number of replicas above Spec.MaxReplicas");
        }
        if (current < minimum)
        {
            return (status, minimum, "Current number of replicas below Spec.MinReplicas");
        }
        (status, var recommended) = await MeasureAsync(scaler, scale, status, current, now, cancellationToken);
        if (recommended is not { } wanted)
        {
            return (status, current, "");
        }
        var allowed = _rules.GetOrAdd(scaler.Metadata.Key(), static _ => new ScalingRules()).Apply(scaler.Spec, current, wanted.Replicas, now);
        status = status
            .With(AutoscalerConditions.AbleToScale, ConditionStatus.True, allowed.Stabilized.Reason, allowed.Stabilized.Message, now)
            .With(AutoscalerConditions.ScalingLimited, allowed.Limited.Status, allowed.Limited.Reason, allowed.Limited.Message, now);
        return (status, allowed.Replicas, allowed.Replicas > current ? $"{wanted.Metric} above target" : "All metrics below target");
    }

    /// <summary>The most that any metric asks for. Where one cannot be had, the others may still make it larger, but not smaller.</summary>
    private async Task<(HorizontalPodAutoscalerStatus Status, (int Replicas, string Metric)? Recommended)> MeasureAsync(
        HorizontalPodAutoscaler scaler, Scale scale, HorizontalPodAutoscalerStatus status, int current, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(scale.Status.Selector))
        {
            events.Record(scaler, EventType.Warning, "SelectorRequired", "selector is required");
            return (status.With(
                AutoscalerConditions.ScalingActive, ConditionStatus.False, "InvalidSelector", "the HPA target's scale is missing a selector", now), null);
        }
        var selector = Selector.Parse(scale.Status.Selector);
        List<Pod> selected = [.. pods.List(scaler.Metadata.Namespace!).Where(pod => selector.Matches(pod.Metadata.Labels))];
        var calculator = new ReplicaCalculator(Math.Max(1, current), TolerancesOf(scaler), now);
        var evaluation = new MetricEvaluation(reader, scaler.Metadata.Namespace!, selector, selected, calculator);
        var statuses = new List<MetricStatus>();
        (int Replicas, string Metric)? most = null;
        (string Reason, string Message)? failure = null;
        foreach (var metric in scaler.Spec.Metrics)
        {
            try
            {
                var result = await evaluation.EvaluateAsync(metric, cancellationToken);
                statuses.Add(result.Status);
                most = most?.Replicas >= result.Replicas ? most : (result.Replicas, result.Name);
            }
            catch (Exception exception) when (exception is ApiException or MetricsException or ApiUnavailableException)
            {
                failure ??= (MetricEvaluation.FailureReason(metric), exception.Message);
                events.Record(scaler, EventType.Warning, MetricEvaluation.FailureReason(metric), exception.Message);
            }
        }
        status = status with { CurrentMetrics = statuses };
        if (failure is { } known && !(most?.Replicas > current))
        {
            events.Record(scaler, EventType.Warning, "FailedComputeMetricsReplicas", known.Message);
            return (status.With(
                AutoscalerConditions.ScalingActive, ConditionStatus.False, known.Reason, $"the HPA was unable to compute the replica count: {known.Message}", now), null);
        }
        return (status.With(
            AutoscalerConditions.ScalingActive, ConditionStatus.True, "ValidMetricFound",
            $"the HPA was able to successfully calculate a replica count from {most?.Metric}", now), most);
    }

    private static Tolerances TolerancesOf(HorizontalPodAutoscaler scaler) => new(
        scaler.Spec.Behavior?.ScaleUp?.Tolerance?.ToDouble() ?? DefaultTolerance, scaler.Spec.Behavior?.ScaleDown?.Tolerance?.ToDouble() ?? DefaultTolerance);

    private async Task<HorizontalPodAutoscalerStatus> ResizeAsync(
        HorizontalPodAutoscaler scaler, GroupVersionKind kind, Scale scale, HorizontalPodAutoscalerStatus status, int desired, string reason,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        try
        {
            await scales.UpdateAsync(kind, scale with { Spec = new ScaleSpec { Replicas = desired } }, cancellationToken);
        }
        catch (ApiException exception)
        {
            events.Record(
                scaler, EventType.Warning, "FailedRescale", string.Create(CultureInfo.InvariantCulture, $"New size: {desired}; reason: {reason}; error: {exception.Message}"));
            return status.With(
                AutoscalerConditions.AbleToScale, ConditionStatus.False, "FailedUpdateScale",
                $"the HPA controller was unable to update the target scale: {exception.Message}", now);
        }
        events.Record(scaler, EventType.Normal, "SuccessfulRescale", string.Create(CultureInfo.InvariantCulture, $"New size: {desired}; reason: {reason}"));
        _rules.GetOrAdd(scaler.Metadata.Key(), static _ => new ScalingRules()).Scaled(desired - (scale.Spec.Replicas ?? 0), now);
        return status.With(
            AutoscalerConditions.AbleToScale, ConditionStatus.True, "SucceededRescale",
            string.Create(CultureInfo.InvariantCulture, $"the HPA controller was able to update the target scale to {desired}"), now)
            with { DesiredReplicas = desired, LastScaleTime = now };
    }
}
