using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission;

/// <summary>What LimitRanges give to pods, and what they turn away.</summary>
public sealed class LimitRangeTests : IAsyncLifetime
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Ranges = "/api/v1/namespaces/default/limitranges";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    [Trait("Conformance", "limitrange-resources")]
    public async Task Containers_get_what_they_do_not_say_and_are_held_to_the_bounds_as_these_change()
    {
        await LimitAsync("""{"type":"Container","min":{"cpu":"50m","memory":"100Mi"},"max":{"cpu":"500m","memory":"500Mi"},"default":{"cpu":"300m","memory":"300Mi"},"defaultRequest":{"cpu":"100m","memory":"200Mi"}}""");

        var (_, bare) = await CreateAsync("bare", "{}");
        var (_, partial) = await CreateAsync("partial", """{"requests":{"cpu":"150m"},"limits":{"memory":"400Mi"}}""");
        var (small, tooSmall) = await CreateAsync("small", """{"requests":{"cpu":"10m","memory":"50Mi"}}""");
        var (large, tooLarge) = await CreateAsync("large", """{"limits":{"cpu":"600m"}}""");

        Assert.Equal("""{"requests":{"cpu":"100m","memory":"200Mi"},"limits":{"cpu":"300m","memory":"300Mi"}}""", Resources(bare));
        Assert.Equal("LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c", (string)bare!["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]!);
        Assert.Equal(("150m", "300m", "400Mi"), (Resource(partial, "requests", "cpu"), Resource(partial, "limits", "cpu"), Resource(partial, "limits", "memory")));
        Assert.Equal((403, 403), (small, large));
        Assert.Equal(
            "pods \"small\" is forbidden: [minimum cpu usage per Container is 50m, but request is 10m, minimum memory usage per Container is 100Mi, but request is 50Mi]",
            (string)tooSmall!["message"]!);
        Assert.Equal("pods \"large\" is forbidden: maximum cpu usage per Container is 500m, but limit is 600m", (string)tooLarge!["message"]!);

        var (_, range) = await _server.SendAsync(HttpMethod.Get, $"{Ranges}/limits");
        range!["spec"]!["limits"]![0]!["min"] = JsonNode.Parse("""{"cpu":"9m","memory":"49Mi"}""");
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Put, $"{Ranges}/limits", range.ToJsonString())).Code);
        Assert.Equal(201, (await CreateAsync("small", """{"requests":{"cpu":"10m","memory":"50Mi"}}""")).Code);

        await _server.SendAsync(HttpMethod.Delete, $"{Ranges}/limits");
        Assert.Equal(201, (await CreateAsync("large", """{"limits":{"cpu":"600m"}}""")).Code);
    }

    [Theory]
    [InlineData("""{"type":"Pod","max":{"cpu":"1"}}""", """{"limits":{"cpu":"1100m"}}""", "maximum cpu usage per Pod is 1, but limit is 1100m")]
    [InlineData("""{"type":"Pod","min":{"memory":"1Gi"}}""", "{}", "minimum memory usage per Pod is 1Gi.  No request is specified")]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"cpu":"2"}}""", """{"requests":{"cpu":"100m"},"limits":{"cpu":"300m"}}""", "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000")]
    public async Task Pods_outside_the_bounds_are_told_of_them(string limit, string resources, string problem)
    {
        await LimitAsync(limit);

        var (code, status) = await CreateAsync("one", resources);

        Assert.Equal((403, $"pods \"one\" is forbidden: {problem}"), (code, (string)status!["message"]!));
    }

    [Fact]
    public async Task Claims_are_held_to_their_bounds_too()
    {
        await LimitAsync("""{"type":"PersistentVolumeClaim","min":{"storage":"1Gi"},"max":{"storage":"2Gi"}}""");

        var (code, status) = await _server.SendAsync(
            HttpMethod.Post, "/api/v1/namespaces/default/persistentvolumeclaims",
            """{"metadata":{"name":"one"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"3Gi"}}}}""");

        Assert.Equal((403, "persistentvolumeclaims \"one\" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi"), (code, (string)status!["message"]!));
    }

    private async Task LimitAsync(string limit)
    {
        var (code, item) = await _server.SendAsync(HttpMethod.Post, Ranges, $$"""{"metadata":{"name":"limits"},"spec":{"limits":[{{limit}}]} }""");
        Assert.True(code == 201, item?.ToJsonString());
    }

    private Task<(int Code, JsonNode? Body)> CreateAsync(string name, string resources) => _server.SendAsync(
        HttpMethod.Post, Pods, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"i","resources":{{{resources}}} }]} }""");

    private static string Resource(JsonNode? pod, string part, string name) => (string)pod!["spec"]!["containers"]![0]!["resources"]![part]![name]!;

    private static string Resources(JsonNode? pod) => pod!["spec"]!["containers"]![0]!["resources"]!.ToJsonString();
}
