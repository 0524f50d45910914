using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Times;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>What HorizontalPodAutoscalers make of metrics that the test makes up.</summary>
public sealed class AutoscalerTests : ClusterTest
{
    private volatile string _cpu = "0";
    private volatile string _queue = "0";

    private protected override ControllerOptions Options => new() { HorizontalPodAutoscalerSyncPeriod = TimeSpan.FromMilliseconds(50) };

    public AutoscalerTests() => Server = new ServerInProcess { Through = transport => new MetricsTransport(transport, Answer) };

    private protected override ServerInProcess Server { get; }

    [Fact]
    public async Task It_grows_when_the_pods_use_more_than_they_should_and_not_beyond_its_maximum()
    {
        await CreateAsync(2, max: 5, Resource(Utilization(50)));
        await Eventually.TrueAsync(() => Scaler.Status.Conditions.Any(static known => known is { Type: "ScalingActive", Status: "True" }), "it measures");
        _cpu = "75m"; // three quarters of what is requested
        await ScaledToAsync(3);
        await Eventually.TrueAsync(
            () => HasEvent("SuccessfulRescale", "New size: 3; reason: cpu resource utilization (percentage of request) above target"), "the event");
        _cpu = "900m";
        await ScaledToAsync(5);
        await Eventually.TrueAsync(() => ReasonOf("ScalingLimited") == "TooManyReplicas", "it is limited");
        Assert.Equal(900, Scaler.Status.CurrentMetrics[0].Resource!.Current.AverageUtilization);
    }

    [Fact]
    public async Task It_shrinks_only_when_what_it_recommended_has_been_less_for_its_window()
    {
        await CreateAsync(3, max: 5, Resource(Utilization(50)));
        _cpu = "10m";
        await Eventually.TrueAsync(() => ReasonOf("AbleToScale") is "ScaleDownStabilized" or "ReadyForNewScale" && Scaler.Status.CurrentMetrics.Count == 1, "it measures");
        await ChangeAsync<HorizontalPodAutoscaler>("a", "web", static scaler => scaler with
        {
            Spec = scaler.Spec with { Behavior = new HorizontalPodAutoscalerBehavior { ScaleDown = new HPAScalingRules { StabilizationWindowSeconds = 0 } } },
        });
        await ScaledToAsync(1);
    }

    [Fact]
    public async Task It_grows_no_faster_than_its_policies_allow()
    {
        var behavior = new HorizontalPodAutoscalerBehavior
        {
            ScaleUp = new HPAScalingRules { Policies = [new HPAScalingPolicy { Type = "Pods", Value = 1, PeriodSeconds = 600 }] },
        };
        await CreateAsync(1, max: 10, Resource(Utilization(50)), behavior);
        _cpu = "400m";
        await ScaledToAsync(2);
        await Eventually.TrueAsync(() => ReasonOf("ScalingLimited") == "ScaleUpLimit" && Scaler.Status.CurrentReplicas == 2, "it is limited");
        Assert.Equal(2, Find<Deployment>("a", "web")!.Spec.Replicas);
    }

    [Fact]
    public async Task It_goes_by_a_metric_of_something_outside()
    {
        var metric = new MetricSpec
        {
            Type = "External",
            External = new ExternalMetricSource
            {
                Metric = new MetricIdentifier { Name = "queue" },
                Target = new MetricTarget { Type = "AverageValue", AverageValue = Quantity.Parse("10") },
            },
        };
        await CreateAsync(1, max: 10, metric);
        _queue = "35";
        await ScaledToAsync(4);
    }

    [Fact]
    public async Task Without_the_metrics_it_says_so_and_leaves_the_size_alone()
    {
        var metric = new MetricSpec
        {
            Type = "Pods",
            Pods = new PodsMetricSource { Metric = new MetricIdentifier { Name = "requests" }, Target = new MetricTarget { Type = "AverageValue", AverageValue = Quantity.Parse("1") } },
        };
        await CreateAsync(2, max: 5, metric);
        await Eventually.TrueAsync(() => ReasonOf("ScalingActive") == "FailedGetPodsMetric", "the condition");
        Assert.Equal(2, Find<Deployment>("a", "web")!.Spec.Replicas);
    }

    [Fact]
    public async Task Without_its_target_it_cannot_scale()
    {
        await Client.CreateAsync(Describe(5, Resource(Utilization(50)), null), Cancellation);
        await Eventually.TrueAsync(() => ReasonOf("AbleToScale") == "FailedGetScale", "the condition");
    }

    private HorizontalPodAutoscaler Scaler => Find<HorizontalPodAutoscaler>("a", "web")!;

    private static MetricTarget Utilization(int percent) => new() { Type = "Utilization", AverageUtilization = percent };

    private static MetricSpec Resource(MetricTarget target) => new() { Type = "Resource", Resource = new ResourceMetricSource { Name = "cpu", Target = target } };

    private static HorizontalPodAutoscaler Describe(int max, MetricSpec metric, HorizontalPodAutoscalerBehavior? behavior) => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = "web" },
        Spec = new HorizontalPodAutoscalerSpec
        {
            ScaleTargetRef = new CrossVersionObjectReference { ApiVersion = "apps/v1", Kind = "Deployment", Name = "web" },
            MinReplicas = 1,
            MaxReplicas = max,
            Metrics = [metric],
            Behavior = behavior,
        },
    };

    private async Task CreateAsync(int replicas, int max, MetricSpec metric, HorizontalPodAutoscalerBehavior? behavior = null)
    {
        var deployment = Deployment("web", replicas);
        var requests = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m") } };
        var pod = deployment.Spec.Template.Spec with { Containers = [deployment.Spec.Template.Spec.Containers[0] with { Resources = requests }] };
        await Client.CreateAsync(deployment with { Spec = deployment.Spec with { Template = deployment.Spec.Template with { Spec = pod } } }, Cancellation);
        await Eventually.TrueAsync(() => Find<Deployment>("a", "web")!.Status.AvailableReplicas == replicas, "it is available");
        _cpu = "50m";
        await Client.CreateAsync(Describe(max, metric, behavior), Cancellation);
    }

    private Task ScaledToAsync(int replicas) => Eventually.TrueAsync(
        () => Find<Deployment>("a", "web")! is { } deployment && deployment.Spec.Replicas == replicas && deployment.Status.AvailableReplicas == replicas, $"{replicas} pods");

    private string? ReasonOf(string condition) => Scaler.Status.Conditions.FirstOrDefault(known => known.Type == condition)?.Reason;

    private string? Answer(string path)
    {
        if (path.StartsWith("/apis/external.metrics.k8s.io/v1beta1/namespaces/a/queue", StringComparison.Ordinal))
        {
            return $$"""{"items":[{"metricName":"queue","value":"{{_queue}}"}]}""";
        }
        if (!path.StartsWith("/apis/metrics.k8s.io/v1beta1/namespaces/a/pods?labelSelector=app%3Dweb", StringComparison.Ordinal))
        {
            return null;
        }
        var items = new JsonArray();
        foreach (var pod in List<Pod>("a").Where(static pod => pod.IsReady()))
        {
            var now = Rfc3339.Format(TimeProvider.System.GetUtcNow().AddSeconds(1));
            items.Add(JsonNode.Parse($$$"""
                {"metadata":{"name":"{{{pod.Metadata.Name}}}"},"timestamp":"{{{now}}}","window":"0s","containers":[{"name":"c","usage":{"cpu":"{{{_cpu}}}"}}]}
                """));
        }
        return new JsonObject { ["items"] = items }.ToJsonString();
    }
}
