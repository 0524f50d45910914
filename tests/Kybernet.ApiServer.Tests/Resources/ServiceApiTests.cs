using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Resources;

/// <summary>Services, and the kinds that say where they lead and which addresses they have.</summary>
public sealed class ServiceApiTests
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Merge = "application/merge-patch+json";

    [Fact]
    [Trait("Conformance", "endpointslice-api")]
    public async Task EndpointSlices_have_all_verbs()
    {
        await using var server = await TestServer.StartAsync();
        await new ApiWalk(server, "/apis/discovery.k8s.io/v1", "endpointslices", "default").RunAsync(
            ["one", "three", "two"],
            static _ => Parse("""{"addressType":"IPv4","endpoints":[{"addresses":["192.0.2.1"]}],"ports":[{"name":"http","port":80,"protocol":"TCP"}]}"""));
    }

    [Fact]
    [Trait("Conformance", "endpoint-resource-lifecycle")]
    public async Task Endpoints_have_all_verbs()
    {
        await using var server = await TestServer.StartAsync();
        await new ApiWalk(server, "/api/v1", "endpoints", "default").RunAsync(
            ["one", "three", "two"],
            static _ => Parse("""{"subsets":[{"addresses":[{"ip":"192.0.2.1"}],"ports":[{"name":"http","port":80,"protocol":"TCP"}]}]}"""));
    }

    [Fact]
    [Trait("Conformance", "ipaddress-api")]
    public async Task IPAddresses_have_all_verbs()
    {
        await using var server = await TestServer.StartAsync();
        await new ApiWalk(server, "/apis/networking.k8s.io/v1", "ipaddresses", "").RunAsync(
            ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
            static _ => Parse("""{"spec":{"parentRef":{"group":"example.com","resource":"things","namespace":"default","name":"one"}}}"""));
    }

    [Fact]
    [Trait("Conformance", "servicecidr-api")]
    public async Task ServiceCIDRs_have_all_verbs_and_a_status_of_their_own()
    {
        await using var server = await TestServer.StartAsync();
        await new ApiWalk(server, "/apis/networking.k8s.io/v1", "servicecidrs", "").RunAsync(
            ["one", "three", "two"], static _ => Parse("""{"spec":{"cidrs":["198.51.100.0/24"]}}"""));

        const string range = "/apis/networking.k8s.io/v1/servicecidrs/kubernetes";
        const string condition = """{"status":{"conditions":[{"type":"Tested","status":"True","reason":"E2E","message":"by a test","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}""";
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Patch, $"{range}/status", condition, Merge)).Code);
        var (_, read) = await server.SendAsync(HttpMethod.Get, $"{range}/status");
        Assert.Equal("Tested", (string)read!["status"]!["conditions"]![0]!["type"]!);
    }

    [Theory]
    [InlineData("""["10.0.0.0"]""", "spec.cidrs[0]: Invalid value: \"10.0.0.0\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    [InlineData("""["10.0.0.0/24","10.1.0.0/24"]""", "may specify no more than one IP for each IP family")]
    [InlineData("[]", "spec.cidrs: Required value: at least one CIDR required")]
    public async Task A_ServiceCIDR_is_one_network_of_each_family(string cidrs, string expected)
    {
        await using var server = await TestServer.StartAsync();
        var (code, status) = await server.SendAsync(
            HttpMethod.Post, "/apis/networking.k8s.io/v1/servicecidrs", $$$"""{"metadata":{"name":"one"},"spec":{"cidrs":{{{cidrs}}} } }""");
        Assert.Equal(422, code);
        Assert.Contains(expected, (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_given_out_of_a_ServiceCIDR_stays_in_it()
    {
        await using var server = await TestServer.StartAsync();
        const string range = "/apis/networking.k8s.io/v1/servicecidrs/kubernetes";
        Assert.Equal(422, (await server.SendAsync(HttpMethod.Patch, range, """{"spec":{"cidrs":["10.0.0.0/24"]}}""", Merge)).Code);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Patch, range, """{"spec":{"cidrs":["10.96.0.0/12","2001:db8::/112"]}}""", Merge)).Code);
    }

    [Theory]
    [InlineData("web")]
    [InlineData("2001:DB8::1")]
    public async Task An_IPAddress_is_named_by_its_address_as_it_is_always_written(string name)
    {
        await using var server = await TestServer.StartAsync();
        var (code, status) = await server.SendAsync(
            HttpMethod.Post, "/apis/networking.k8s.io/v1/ipaddresses", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"parentRef":{"resource":"things","name":"one"} } }""");
        Assert.Equal(422, code);
        Assert.Contains("must be a canonical format IP address", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "service-complete-servicestatus-lifecycle")]
    public async Task The_status_of_a_Service_is_read_patched_and_replaced_at_its_own_endpoint()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, Services, Service("one", "LoadBalancer"));
        var (_, patched) = await server.SendAsync(
            HttpMethod.Patch,
            $"{Services}/one/status",
            """{"metadata":{"annotations":{"patched":"true"}},"spec":{"type":"NodePort"},"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.1"}]}}}""",
            Merge);
        Assert.Equal("203.0.113.1", (string)patched!["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]!);
        Assert.Equal("true", (string)patched["metadata"]!["annotations"]!["patched"]!);
        Assert.Equal("LoadBalancer", (string)patched["spec"]!["type"]!);

        patched["status"]!["conditions"] = JsonNode.Parse("""[{"type":"Updated","status":"True","reason":"E2E","message":"by a test","lastTransitionTime":"2026-01-01T00:00:00Z"}]""");
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Put, $"{Services}/one/status", patched.ToJsonString())).Code);
        var (_, read) = await server.SendAsync(HttpMethod.Get, $"{Services}/one/status");
        Assert.Equal("Updated", (string)read!["status"]!["conditions"]![0]!["type"]!);
    }

    [Fact]
    [Trait("Conformance", "service-deletes-a-collection-of-services")]
    public async Task A_collection_of_Services_is_deleted_by_its_label_and_the_others_stay()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var (name, label) in ((string, string)[])[("one", "goes"), ("two", "goes"), ("three", "stays")])
        {
            var service = JsonNode.Parse(Service(name, "ClusterIP"))!;
            service["metadata"]!["labels"] = new JsonObject { ["what"] = label };
            Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, Services, service.ToJsonString())).Code);
        }
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, $"{Services}?labelSelector=what%3Dgoes")).Code);
        var (_, list) = await server.SendAsync(HttpMethod.Get, Services);
        Assert.Equal(["kubernetes", "three"], list!["items"]!.AsArray().Select(static item => (string)item!["metadata"]!["name"]!));
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static string Service(string name, string type) =>
        $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}"},"spec":{"type":"{{{type}}}","ports":[{"port":80}]}}""";
}
