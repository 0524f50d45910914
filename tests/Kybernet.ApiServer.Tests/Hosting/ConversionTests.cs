namespace Kybernet.ApiServer.Tests.Hosting;

public sealed class ConversionTests
{
    [Fact]
    public async Task An_event_of_the_newer_group_is_read_as_one_of_the_core_group_and_back()
    {
        await using var server = await TestServer.StartAsync();
        const string Event = """
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"e","namespace":"default"},"eventTime":"2026-01-01T00:00:00.000000Z",
             "reportingController":"example.com/test","reportingInstance":"test-1","action":"Test","reason":"Tested","type":"Normal","note":"It was tested",
             "regarding":{"kind":"Pod","namespace":"default","name":"p","apiVersion":"v1"}}
            """;

        var (created, newer) = await server.SendAsync(HttpMethod.Post, "/apis/events.k8s.io/v1/namespaces/default/events", Event);
        var (_, core) = await server.SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/events/e");
        var (_, list) = await server.SendAsync(HttpMethod.Get, "/apis/events.k8s.io/v1/namespaces/default/events");

        Assert.True(created == 201, newer?.ToJsonString());
        Assert.Equal(("v1", "It was tested", "p"), ((string)core!["apiVersion"]!, (string)core["message"]!, (string)core["involvedObject"]!["name"]!));
        Assert.Equal("example.com/test", (string)core["reportingComponent"]!);
        var again = list!["items"]![0]!;
        Assert.Equal(("events.k8s.io/v1", "It was tested", "p"), ((string)again["apiVersion"]!, (string)again["note"]!, (string)again["regarding"]!["name"]!));
    }

    [Fact]
    public async Task An_autoscaler_of_the_older_version_has_its_cpu_target_as_a_metric_of_the_newer()
    {
        await using var server = await TestServer.StartAsync();
        const string Autoscaler = """
            {"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"a"},
             "spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},"maxReplicas":3,"targetCPUUtilizationPercentage":50}}
            """;

        var (created, older) = await server.SendAsync(HttpMethod.Post, "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", Autoscaler);
        var (_, newer) = await server.SendAsync(HttpMethod.Get, "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/a");

        Assert.True(created == 201, older?.ToJsonString());
        Assert.Equal(50, (int)older!["spec"]!["targetCPUUtilizationPercentage"]!);
        var metric = Assert.Single(newer!["spec"]!["metrics"]!.AsArray());
        Assert.Equal(50, (int)metric!["resource"]!["target"]!["averageUtilization"]!);
    }
}
