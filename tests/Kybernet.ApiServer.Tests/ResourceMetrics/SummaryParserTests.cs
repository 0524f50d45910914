using System.Text;
using Kybernet.ApiServer.ResourceMetrics;

namespace Kybernet.ApiServer.Tests.ResourceMetrics;

public sealed class SummaryParserTests
{
    private const string Measured = """
        "cpu": {"time": "2026-01-02T03:04:05Z", "usageNanoCores": 250000000, "usageCoreNanoSeconds": 1}, "memory": {"time": "2026-01-02T03:04:05Z", "workingSetBytes": 1048576}
        """;

    private const string MeasuredOnce = """
        "cpu": {"time": "2026-01-02T03:04:05Z", "usageCoreNanoSeconds": 1}, "memory": {"time": "2026-01-02T03:04:05Z", "workingSetBytes": 1048576}
        """;

    [Fact]
    public void A_pod_of_which_a_container_has_no_rate_yet_is_left_out()
    {
        var usage = Parse($$"""
            {
              "node": { "nodeName": "n", {{Measured}} },
              "pods": [
                { "podRef": {"name": "a", "namespace": "x", "uid": "1"}, "containers": [ { "name": "c", {{Measured}} } ] },
                { "podRef": {"name": "b", "namespace": "x", "uid": "2"}, "containers": [ { "name": "c", {{Measured}} }, { "name": "d", {{MeasuredOnce}} } ] }
              ]
            }
            """);

        var pod = Assert.Single(usage.Pods);
        Assert.Equal(("x", "a", "1"), (pod.Namespace, pod.Name, pod.Uid));
        var expected = new Usage(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 250_000_000, 1 << 20);
        Assert.Equal(KeyValuePair.Create("c", expected), Assert.Single(pod.Containers));
        Assert.Equal(expected, usage.Node);
    }

    [Fact]
    public void A_node_that_was_measured_once_has_no_usage_yet() =>
        Assert.Null(Parse($$"""{ "node": { "nodeName": "n", {{MeasuredOnce}} }, "pods": [] }""").Node);

    private static NodeUsage Parse(string json) => SummaryParser.Parse("n", Encoding.UTF8.GetBytes(json));
}
