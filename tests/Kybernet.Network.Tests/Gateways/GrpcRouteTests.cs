using System.Net;
using System.Net.Http.Headers;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>Routes for gRPC, over HTTP/2 without TLS.</summary>
public sealed class GrpcRouteTests
{
    private const string Echo = "gateway_api_conformance.echo_basic.grpcecho.GrpcEcho";

    [Fact]
    [Trait("GatewayConformance", "GRPCExactMethodMatching")]
    public async Task Services_and_methods_choose_the_backend()
    {
        await using var fixture = await WithBackendsAsync();
        await fixture.ApplyAsync(Routes.Http("methods", """
            - {matches: [{method: {service: ECHO, method: Echo}}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{method: {service: ECHO, method: EchoTwo}}], backendRefs: [{name: v2, port: 8080}]}
            - {matches: [{method: {service: other.Service}}], backendRefs: [{name: v2, port: 8080}]}
            - {matches: [{method: {method: Anywhere}}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{method: {type: RegularExpression, service: "re[a-z]+", method: "M[0-9]+"}}], backendRefs: [{name: v1, port: 8080}]}
            """.Replace("ECHO", Echo, StringComparison.Ordinal), kind: "GRPCRoute"));
        var client = await ServedAsync(fixture, "methods");

        await BecomesAsync(client, $"{Echo}/Echo", "infra/v1");
        Assert.Equal("infra/v2", await CallAsync(client, $"{Echo}/EchoTwo"));
        Assert.Equal("infra/v2", await CallAsync(client, "other.Service/Any"));
        Assert.Equal("infra/v1", await CallAsync(client, "third.Service/Anywhere"));
        Assert.Equal("infra/v1", await CallAsync(client, "regular/M12"));
        Assert.Equal("404", await CallAsync(client, $"{Echo}/EchoThree"));
        Assert.Equal("404", await CallAsync(client, "regular/Mx"));
    }

    [Fact]
    [Trait("GatewayConformance", "GRPCRouteHeaderMatching")]
    public async Task Headers_choose_the_backend_and_more_of_them_come_first()
    {
        await using var fixture = await WithBackendsAsync();
        await fixture.ApplyAsync(Routes.Http("headers", """
            - {matches: [{headers: [{name: version, value: one}]}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{headers: [{name: version, value: two}]}], backendRefs: [{name: v2, port: 8080}]}
            - {matches: [{headers: [{name: version, value: two}, {name: color, value: orange}]}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{headers: [{name: color, value: blue}]}, {headers: [{name: color, value: green}]}], backendRefs: [{name: v1, port: 8080}]}
            """, kind: "GRPCRoute"));
        var client = await ServedAsync(fixture, "headers");

        await BecomesAsync(client, $"{Echo}/Echo", "infra/v1", "version: one");
        Assert.Equal("infra/v2", await CallAsync(client, $"{Echo}/Echo", "a.test", "version: two"));
        Assert.Equal("infra/v1", await CallAsync(client, $"{Echo}/Echo", "a.test", "version: two", "color: orange"));
        Assert.Equal("infra/v1", await CallAsync(client, $"{Echo}/Echo", "a.test", "color: green"));
        Assert.Equal("404", await CallAsync(client, $"{Echo}/Echo", "a.test", "color: red"));
        Assert.Equal("404", await CallAsync(client, $"{Echo}/Echo"));
    }

    [Fact]
    [Trait("GatewayConformance", "GRPCRouteListenerHostnameMatching")]
    public async Task A_route_is_served_at_the_listeners_whose_hostname_it_has_in_common()
    {
        await using var fixture = await WithBackendsAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: one, port: 80, protocol: HTTP, hostname: bar.com}
              - {name: two, port: 80, protocol: HTTP, hostname: "*.bar.com"}
            """);
        await fixture.ApplyAsync(Routes.Http("one", Routes.To("v1"), parents: "{name: web, sectionName: one}", kind: "GRPCRoute"));
        await fixture.ApplyAsync(Routes.Http("two", Routes.To("v2"), parents: "{name: web, sectionName: two}", kind: "GRPCRoute"));
        var client = await ServedAsync(fixture, "one", "two");
        await BecomesAsync(client, $"{Echo}/Echo", "404");

        Assert.Equal("infra/v1", await CallAsync(client, $"{Echo}/Echo", "bar.com"));
        Assert.Equal("infra/v2", await CallAsync(client, $"{Echo}/Echo", "foo.bar.com"));
        Assert.Equal("infra/v2", await CallAsync(client, $"{Echo}/Echo", "multiple.prefixes.bar.com"));
        Assert.Equal("404", await CallAsync(client, $"{Echo}/Echo", "foo.com"));
    }

    [Fact]
    [Trait("GatewayConformance", "GRPCRouteWeight")]
    public async Task Backends_share_the_calls_by_their_weights()
    {
        await using var fixture = await WithBackendsAsync();
        await fixture.ApplyAsync(Routes.Http("weights", "[{backendRefs: [{name: v1, port: 8080, weight: 70}, {name: v2, port: 8080, weight: 30}]}]", kind: "GRPCRoute"));
        var client = await ServedAsync(fixture, "weights");
        await BecomesAsync(client, $"{Echo}/Echo", "infra/v1");

        var first = 0;
        for (var i = 0; i < 100; i++)
        {
            first += await CallAsync(client, $"{Echo}/Echo") == "infra/v1" ? 1 : 0;
        }
        Assert.InRange(first, 67, 73);
    }

    [Fact]
    [Trait("GatewayConformance", "GRPCRouteAllBackendsWeightZero")]
    public async Task A_call_without_a_valid_backend_is_answered_with_UNAVAILABLE()
    {
        await using var fixture = await WithBackendsAsync();
        await fixture.ApplyAsync(Routes.Http("invalid", Routes.To("nosuch"), kind: "GRPCRoute"));
        var client = await ServedAsync(fixture, "invalid");
        await fixture.GrpcRouteAsync("invalid", "ResolvedRefs=False/BackendNotFound");
        await BecomesAsync(client, $"{Echo}/Echo", "");

        var answer = await SendAsync(client, $"{Echo}/Echo", "a.test");
        Assert.Equal("14", Assert.Single(answer.Response.Headers.GetValues("grpc-status")));
    }

    [Fact]
    [Trait("GatewayConformance", "GRPCRouteRequestHeaderModifier")]
    [Trait("GatewayConformance", "GRPCRouteRequestMirror")]
    public async Task Headers_are_changed_calls_are_copied_and_trailers_pass()
    {
        await using var fixture = await WithBackendsAsync();
        var mirror = await fixture.CreateBackendAsync("mirror", isHttp2: true);
        await fixture.ApplyAsync(Routes.Http("filters", """
            - filters:
              - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-set, value: yes}]}}
              - {type: RequestMirror, requestMirror: {backendRef: {name: mirror, port: 8080}}}
              backendRefs: [{name: v1, port: 8080}]
            """.Replace("value: yes", "value: 'yes'", StringComparison.Ordinal), kind: "GRPCRoute"));
        var client = await ServedAsync(fixture, "filters");
        await BecomesAsync(client, $"{Echo}/Echo", "infra/v1");

        var answer = await SendAsync(client, $"{Echo}/Echo", "a.test");
        Assert.Contains("x-set: yes", answer.Lines);
        Assert.Equal("0", Assert.Single(answer.Response.TrailingHeaders.GetValues("grpc-status")));
        await GatewayFixture.SeenAsync(mirror, static seen => seen.Any(static request => request == $"POST a.test/{Echo}/Echo abc"));
    }

    [Fact]
    public async Task Of_an_HTTP_and_a_gRPC_route_with_the_same_hostname_the_older_one_is_accepted()
    {
        await using var fixture = await WithBackendsAsync();
        await fixture.ApplyAsync(Routes.Http("a-first", Routes.To("v1"), "a.test", kind: "GRPCRoute"));
        await fixture.ApplyAsync(Routes.Http("b-second", Routes.To("v2"), "a.test"));
        await fixture.ApplyAsync(Routes.Http("c-apart", Routes.To("v2"), "b.test"));

        await fixture.GrpcRouteAsync("a-first", "Accepted=True/Accepted");
        await fixture.HttpRouteAsync("b-second", "Accepted=False/HostnameConflict");
        await fixture.HttpRouteAsync("c-apart", "Accepted=True/Accepted");
    }

    private static async Task<GatewayFixture> WithBackendsAsync(string gateway = Routes.Gateway)
    {
        var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1", isHttp2: true);
        await fixture.CreateBackendAsync("v2", isHttp2: true);
        await fixture.ApplyAsync(gateway);
        return fixture;
    }

    private static async Task<GatewayClient> ServedAsync(GatewayFixture fixture, params string[] routes)
    {
        await fixture.GatewayAsync("web");
        foreach (var route in routes)
        {
            await fixture.GrpcRouteAsync(route, "Accepted=True/Accepted");
        }
        return await fixture.ClientAsync("web");
    }

    private static Task BecomesAsync(GatewayClient client, string method, string who, params string[] headers) =>
        GatewayFixture.BecomesAsync(() => CallAsync(client, method, "a.test", headers), who);

    private static async Task<string> CallAsync(GatewayClient client, string method, string host = "a.test", params string[] headers) =>
        (await SendAsync(client, method, host, headers)).ToString();

    private static async Task<Answer> SendAsync(GatewayClient client, string method, string host, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{host}/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent("abc"u8.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.ParseAdd("trailers");
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            request.Headers.Add(header[..colon], header[(colon + 2)..]);
        }
        return await client.SendAsync(request);
    }
}
