using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Selectors;
using Kybernet.Api.Times;
using Kybernet.Client;

namespace Kybernet.Controllers.HorizontalPodAutoscalers;

/// <summary>What a pod was measured to use.</summary>
/// <param name="Milli">The value, in thousandths.</param>
/// <param name="Time">When it was measured.</param>
/// <param name="Window">Over how long.</param>
internal readonly record struct PodMetric(long Milli, DateTimeOffset Time, TimeSpan Window);

/// <summary>Asks the three APIs that serve metrics: of resources, of objects of the cluster, and of things outside.</summary>
internal sealed class MetricsReader(ApiClient client, ServedKinds kinds)
{
    /// <summary>What the pods use of a resource: of one container, or of all together.</summary>
    /// <exception cref="ApiException">The API is not served, or refused.</exception>
    public async Task<Dictionary<string, PodMetric>> ResourceAsync(
        string resource, string? container, string @namespace, Selector selector, CancellationToken cancellationToken)
    {
        var path = $"/apis/metrics.k8s.io/v1beta1/namespaces/{@namespace}/pods?labelSelector={Uri.EscapeDataString(selector.ToString())}";
        var metrics = new Dictionary<string, PodMetric>(StringComparer.Ordinal);
        foreach (var item in await ItemsAsync(path, cancellationToken))
        {
            var containers = item["containers"]?.AsArray().Where(used => container is null || (string?)used!["name"] == container).ToList() ?? [];
            if (containers.Count > 0 && containers.TrueForAll(used => used!["usage"]?[resource] is not null))
            {
                var window = GoDuration.TryParse((string?)item["window"], out var parsed) ? parsed : TimeSpan.Zero;
                metrics[(string)item["metadata"]!["name"]!] = new PodMetric(
                    containers.Sum(used => Milli(used!["usage"]![resource])), TimeOf(item), window);
            }
        }
        return metrics.Count > 0 ? metrics : throw Missing("no metrics returned from resource metrics API");
    }

    /// <exception cref="ApiException">The API is not served, or refused.</exception>
    public async Task<Dictionary<string, PodMetric>> PodsAsync(
        MetricIdentifier metric, string @namespace, Selector selector, CancellationToken cancellationToken)
    {
        var path = $"/apis/custom.metrics.k8s.io/v1beta2/namespaces/{@namespace}/pods/*/{metric.Name}" +
            $"?labelSelector={Uri.EscapeDataString(selector.ToString())}{Query(metric, "&metricLabelSelector=")}";
        var items = await ItemsAsync(path, cancellationToken);
        return items.Count == 0
            ? throw Missing("no metrics returned from custom metrics API")
            : items.ToDictionary(
                static item => (string)item["describedObject"]!["name"]!, static item => new PodMetric(Milli(item["value"]), TimeOf(item), TimeSpan.Zero));
    }

    /// <exception cref="ApiException">The API is not served, or refused.</exception>
    public async Task<long> ObjectAsync(ObjectMetricSource source, string @namespace, CancellationToken cancellationToken)
    {
        var described = source.DescribedObject;
        var version = GroupVersion.Parse(described.ApiVersion ?? "v1");
        var place = "metrics";
        if (described.Kind != "Namespace")
        {
            var resource = await kinds.FindAsync(new GroupVersionKind(version.Group, version.Version, described.Kind), cancellationToken);
            place = $"{resource.GroupResource}/{described.Name}";
        }
        var path = $"/apis/custom.metrics.k8s.io/v1beta2/namespaces/{@namespace}/{place}/{source.Metric.Name}{Query(source.Metric, "?metricLabelSelector=")}";
        var items = await ItemsAsync(path, cancellationToken);
        return items.Count == 1 ? Milli(items[0]["value"]) : throw Missing($"the server could not find the metric {source.Metric.Name} for {described.Kind} {described.Name}");
    }

    /// <summary>The sum of what was measured.</summary>
    /// <exception cref="ApiException">The API is not served, or refused.</exception>
    public async Task<long> ExternalAsync(MetricIdentifier metric, string @namespace, CancellationToken cancellationToken)
    {
        var path = $"/apis/external.metrics.k8s.io/v1beta1/namespaces/{@namespace}/{metric.Name}{Query(metric, "?labelSelector=")}";
        var items = await ItemsAsync(path, cancellationToken);
        return items.Count > 0 ? items.Sum(static item => Milli(item["value"])) : throw Missing("no metrics returned from external metrics API");
    }

    private static string Query(MetricIdentifier metric, string parameter) =>
        metric.Selector is null ? "" : parameter + Uri.EscapeDataString(Selector.From(metric.Selector).ToString());

    private static long Milli(JsonNode? value) => Quantity.Parse((string)value!).MilliValue;

    private static DateTimeOffset TimeOf(JsonNode item) => Rfc3339.TryParse((string?)item["timestamp"] ?? "", out var time) ? time : DateTimeOffset.MinValue;

    private static ApiException Missing(string message) => new(new Status { Code = 404, Reason = "NotFound", Message = message });

    private async Task<List<JsonNode>> ItemsAsync(string path, CancellationToken cancellationToken)
    {
        var reply = await client.Transport.SendAsync(new ApiCall(HttpMethod.Get, path), cancellationToken);
        ApiClient.ThrowIfFailed(reply);
        return [.. JsonNode.Parse(reply.Body.Span)?["items"]?.AsArray().Select(static item => item!) ?? []];
    }
}
