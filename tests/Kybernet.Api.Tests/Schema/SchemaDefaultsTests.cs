using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Tests.Schema;

public sealed class SchemaDefaultsTests
{
    [Fact]
    public void A_pod_is_completed_as_upstream_completes_it()
    {
        var pod = Defaulted("", "v1", "Pod", """
            {"spec":{"containers":[{"name":"a","livenessProbe":{"timeoutSeconds":0,"periodSeconds":3,"httpGet":{"port":80}},"ports":[{"containerPort":1}],
            "resources":{"limits":{"cpu":"0.0001"}}}],"volumes":[{"secret":{"secretName":"s"}}]}}
            """);
        var spec = pod["spec"]!;
        Assert.Equal("Always", spec["restartPolicy"]!.GetValue<string>());
        Assert.Equal("ClusterFirst", spec["dnsPolicy"]!.GetValue<string>());
        Assert.Equal("default-scheduler", spec["schedulerName"]!.GetValue<string>());
        Assert.True(JsonValues.TryInt64(spec["terminationGracePeriodSeconds"], out var grace) && grace == 30);
        Assert.Equal("{}", spec["securityContext"]!.ToJsonString());
        Assert.True(spec["enableServiceLinks"]!.GetValue<bool>());
        Assert.Equal("""{"secretName":"s","defaultMode":420}""", spec["volumes"]![0]!["secret"]!.ToJsonString());
        var container = spec["containers"]![0]!;
        Assert.Equal("TCP", container["ports"]![0]!["protocol"]!.GetValue<string>());
        Assert.Equal("1m", container["resources"]!["limits"]!["cpu"]!.GetValue<string>());
        Same("""{"timeoutSeconds":1,"periodSeconds":3,"successThreshold":1,"failureThreshold":3,"httpGet":{"port":80,"path":"/","scheme":"HTTP"}}""", container["livenessProbe"]);
    }

    [Fact]
    public void A_pods_own_defaults_do_not_reach_its_template()
    {
        var set = Defaulted("apps", "v1", "ReplicaSet", """{"spec":{"template":{"spec":{"containers":[]}}}}""");
        Assert.Null(set["spec"]!["template"]!["spec"]!["enableServiceLinks"]);
        Assert.NotNull(set["spec"]!["template"]!["spec"]!["dnsPolicy"]);
    }

    [Theory]
    [InlineData("{}", """{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}}""")]
    [InlineData("""{"type":"Recreate"}""", """{"type":"Recreate"}""")]
    [InlineData("""{"rollingUpdate":{"maxSurge":1}}""", """{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":"25%"}}""")]
    public void A_deployments_strategy_depends_on_its_type(string strategy, string completed)
    {
        var deployment = Defaulted("apps", "v1", "Deployment", "{\"spec\":{\"strategy\":" + strategy + "}}");
        Same(completed, deployment["spec"]!["strategy"]);
    }

    [Theory]
    [InlineData("{}", """{"type":"RollingUpdate","rollingUpdate":{"partition":0}}""")]
    [InlineData("""{"type":"RollingUpdate"}""", """{"type":"RollingUpdate"}""")]
    [InlineData("""{"type":"OnDelete"}""", """{"type":"OnDelete"}""")]
    public void A_stateful_sets_rolling_update_is_filled_in_only_where_its_type_is(string strategy, string completed)
    {
        var set = Defaulted("apps", "v1", "StatefulSet", "{\"spec\":{\"updateStrategy\":" + strategy + "}}");
        Same(completed, set["spec"]!["updateStrategy"]);
    }

    [Fact]
    public void An_autoscaler_without_metrics_watches_the_CPU()
    {
        var autoscaler = Defaulted("autoscaling", "v2", "HorizontalPodAutoscaler", """{"spec":{"metrics":[]}}""");
        Same("""[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]""", autoscaler["spec"]!["metrics"]);
    }

    [Fact]
    public void What_is_given_stays()
    {
        var deployment = Defaulted("apps", "v1", "Deployment", """{"spec":{"replicas":0,"revisionHistoryLimit":0}}""");
        Assert.True(JsonValues.TryInt64(deployment["spec"]!["replicas"], out var replicas) && replicas == 0);
        Assert.True(JsonValues.TryInt64(deployment["spec"]!["revisionHistoryLimit"], out var limit) && limit == 0);
    }

    [Fact]
    public void Defaults_set_twice_change_nothing_the_second_time()
    {
        var type = ResourceSchema.BuiltIn.Find(new GroupVersionKind("", "v1", "Service"))!;
        var service = Defaulted("", "v1", "Service", """{"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");
        var again = (JsonObject)service.DeepClone();
        SchemaDefaults.Apply(again, type);
        Same(service.ToJsonString(), again);
        Assert.True(service["spec"]!["allocateLoadBalancerNodePorts"]!.GetValue<bool>());
    }

    private static void Same(string expected, JsonNode? actual) =>
        Assert.True(JsonValues.Same(JsonNode.Parse(expected), actual), $"expected {expected}, found {actual?.ToJsonString()}");

    private static JsonObject Defaulted(string group, string version, string kind, string json)
    {
        var target = JsonNode.Parse(json)!.AsObject();
        SchemaDefaults.Apply(target, ResourceSchema.BuiltIn.Find(new GroupVersionKind(group, version, kind))!);
        return target;
    }
}
