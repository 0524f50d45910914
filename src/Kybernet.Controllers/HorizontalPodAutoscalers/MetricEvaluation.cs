using Kybernet.Api;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;

namespace Kybernet.Controllers.HorizontalPodAutoscalers;

/// <summary>Works out, for each metric of an autoscaler, how many pods it takes.</summary>
internal sealed class MetricEvaluation(MetricsReader reader, string @namespace, Selector selector, IReadOnlyList<Pod> pods, ReplicaCalculator calculator)
{
    /// <param name="Replicas">How many pods it takes.</param>
    /// <param name="Name">What the metric is called in events.</param>
    /// <param name="Status">What was measured.</param>
    public readonly record struct Result(int Replicas, string Name, MetricStatus Status);

    /// <summary>The reason of the event and the condition where a metric cannot be had.</summary>
    public static string FailureReason(MetricSpec metric) => $"FailedGet{metric.Type}Metric";

    /// <exception cref="Client.ApiException">The metric could not be read.</exception>
    /// <exception cref="MetricsException">What was read is not enough.</exception>
    public async Task<Result> EvaluateAsync(MetricSpec metric, CancellationToken cancellationToken) => metric switch
    {
        { Type: "Resource", Resource: { } source } => Resource(
            await ByResourceAsync(source.Name, null, source.Target, cancellationToken), source.Name, source.Target,
            current => new MetricStatus { Type = metric.Type, Resource = new ResourceMetricStatus { Name = source.Name, Current = current } }),
        { Type: "ContainerResource", ContainerResource: { } source } => Resource(
            await ByResourceAsync(source.Name, source.Container, source.Target, cancellationToken), source.Name, source.Target,
            current => new MetricStatus
            {
                Type = metric.Type,
                ContainerResource = new ContainerResourceMetricStatus { Name = source.Name, Container = source.Container, Current = current },
            }),
        { Type: "Pods", Pods: { } source } => ByPods(source, await reader.PodsAsync(source.Metric, @namespace, selector, cancellationToken)),
        { Type: "Object", Object: { } source } => ByObject(source, await reader.ObjectAsync(source, @namespace, cancellationToken)),
        { Type: "External", External: { } source } => ByExternal(source, await reader.ExternalAsync(source.Metric, @namespace, cancellationToken)),
        _ => throw new MetricsException($"unknown metric source type \"{metric.Type}\""),
    };

    private static Result Resource(ReplicaCalculator.Result result, string resource, MetricTarget target, Func<MetricValueStatus, MetricStatus> status)
    {
        var name = target.AverageUtilization is null ? $"{resource} resource" : $"{resource} resource utilization (percentage of request)";
        return new Result(result.Replicas, name, status(new MetricValueStatus
        {
            AverageUtilization = result.Utilization, AverageValue = Quantity.FromMilli(result.Average),
        }));
    }

    private async Task<ReplicaCalculator.Result> ByResourceAsync(string resource, string? container, MetricTarget target, CancellationToken cancellationToken)
    {
        var metrics = await reader.ResourceAsync(resource, container, @namespace, selector, cancellationToken);
        var isCpu = resource == "cpu";
        return target switch
        {
            { AverageUtilization: { } utilization } =>
                calculator.ByUtilization(pods, metrics, isCpu, utilization, pod => Requests(pod, resource, container)),
            { AverageValue: { } average } => calculator.ByAverage(pods, metrics, isCpu, average.MilliValue),
            _ => throw new MetricsException("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set"),
        };
    }

    private static long Requests(Pod pod, string resource, string? container)
    {
        var total = 0L;
        foreach (var part in pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(static init => init.RestartPolicy == "Always")))
        {
            if (container is not null && part.Name != container)
            {
                continue;
            }
            total += part.Resources?.Requests.TryGetValue(resource, out var request) == true
                ? request.MilliValue
                : throw new MetricsException($"missing request for {resource} in container {part.Name} of Pod {pod.Metadata.Name}");
        }
        return total;
    }

    private Result ByPods(PodsMetricSource source, Dictionary<string, PodMetric> metrics)
    {
        var result = calculator.ByAverage(pods, metrics, isCpu: false, source.Target.AverageValue!.Value.MilliValue);
        return new Result(result.Replicas, $"pods metric {source.Metric.Name}", new MetricStatus
        {
            Type = "Pods",
            Pods = new PodsMetricStatus { Metric = source.Metric, Current = new MetricValueStatus { AverageValue = Quantity.FromMilli(result.Average) } },
        });
    }

    private Result ByObject(ObjectMetricSource source, long value)
    {
        var (replicas, current) = ByTarget(source.Target, value);
        var status = new ObjectMetricStatus { DescribedObject = source.DescribedObject, Metric = source.Metric, Current = current };
        return new Result(replicas, $"{source.DescribedObject.Kind} metric {source.Metric.Name}", new MetricStatus { Type = "Object", Object = status });
    }

    private Result ByExternal(ExternalMetricSource source, long value)
    {
        var (replicas, current) = ByTarget(source.Target, value);
        var status = new ExternalMetricStatus { Metric = source.Metric, Current = current };
        return new Result(replicas, $"external metric {source.Metric.Name}", new MetricStatus { Type = "External", External = status });
    }

    private (int Replicas, MetricValueStatus Current) ByTarget(MetricTarget target, long value)
    {
        if (target.AverageValue is { } share)
        {
            var result = calculator.ByShare(value, share.MilliValue);
            return (result.Replicas, new MetricValueStatus { AverageValue = Quantity.FromMilli(result.Average) });
        }
        return target.Value is { } whole
            ? (calculator.ByValue(pods, value, whole.MilliValue).Replicas, new MetricValueStatus { Value = Quantity.FromMilli(value) })
            : throw new MetricsException("invalid metric source: neither a value target nor an average value target was set");
    }
}
