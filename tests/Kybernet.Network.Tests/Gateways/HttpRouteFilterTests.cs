using System.Net;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>What filters do to requests and answers.</summary>
public sealed class HttpRouteFilterTests
{
    [Fact]
    [Trait("GatewayConformance", "HTTPRouteRequestHeaderModifier")]
    [Trait("GatewayConformance", "HTTPRouteBackendRequestHeaderModifier")]
    public async Task Request_headers_are_set_added_and_removed_for_a_rule_and_for_a_backend()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("headers", """
            - matches: [{path: {value: /rule}}]
              filters:
              - type: RequestHeaderModifier
                requestHeaderModifier: {set: [{name: X-Set, value: set}], add: [{name: X-Add, value: added}], remove: [X-Gone]}
              backendRefs: [{name: v1, port: 8080}]
            - matches: [{path: {value: /backend}}]
              backendRefs:
              - name: v1
                port: 8080
                filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-Set, value: backend}]}}]
            """));
        var client = await fixture.ServedAsync("web", "headers");
        await client.BecomesAsync("http://a.test/rule", "infra/v1");

        var answer = await client.AskAsync("http://a.test/rule", "X-Set: mine", "X-Add: first", "X-Gone: gone", "X-Other: kept");
        Assert.Contains("X-Set: set", answer.Lines);
        Assert.Contains("X-Add: first, added", answer.Lines);
        Assert.Contains("X-Other: kept", answer.Lines);
        Assert.DoesNotContain(answer.Lines, static line => line.StartsWith("X-Gone", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("X-Set: backend", (await client.AskAsync("http://a.test/backend", "X-Set: mine")).Lines);
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteResponseHeaderModifier")]
    public async Task Answers_headers_are_set_added_and_removed()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("headers", """
            - filters:
              - type: ResponseHeaderModifier
                responseHeaderModifier: {set: [{name: X-Set, value: set}], add: [{name: X-Add, value: added}], remove: [Date]}
              backendRefs: [{name: v1, port: 8080}]
            """));
        var client = await fixture.ServedAsync("web", "headers");
        await client.BecomesAsync("http://a.test/", "infra/v1");

        var headers = (await client.AskAsync("http://a.test/")).Response.Headers;
        Assert.Equal("set", Assert.Single(headers.GetValues("X-Set")));
        Assert.Equal("added", Assert.Single(headers.GetValues("X-Add")));
    }

    [Theory]
    [InlineData("hostname: example.org", "302 http://example.org/p/q?x=1")]
    [InlineData("hostname: example.org, statusCode: 301", "301 http://example.org/p/q?x=1")]
    [InlineData("scheme: https", "302 https://a.test/p/q?x=1")]
    [InlineData("scheme: https, port: 8443, statusCode: 308", "308 https://a.test:8443/p/q?x=1")]
    [InlineData("port: 8083, statusCode: 307", "307 http://a.test:8083/p/q?x=1")]
    [InlineData("port: 80, statusCode: 303", "303 http://a.test/p/q?x=1")]
    [InlineData("path: {type: ReplaceFullPath, replaceFullPath: /new}", "302 http://a.test/new?x=1")]
    [InlineData("path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}", "302 http://a.test/new/q?x=1")]
    [InlineData("path: {type: ReplacePrefixMatch, replacePrefixMatch: /}", "302 http://a.test/q?x=1")]
    [Trait("GatewayConformance", "HTTPRouteRedirectHostAndStatus")]
    [Trait("GatewayConformance", "HTTPRouteRedirectPath")]
    [Trait("GatewayConformance", "HTTPRouteRedirectPort")]
    [Trait("GatewayConformance", "HTTPRouteRedirectScheme")]
    [Trait("GatewayConformance", "HTTPRoute303Redirect")]
    [Trait("GatewayConformance", "HTTPRoute307Redirect")]
    [Trait("GatewayConformance", "HTTPRoute308Redirect")]
    public async Task A_redirect_sends_the_client_where_it_says(string redirect, string expected)
    {
        await using var fixture = new GatewayFixture();
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("redirect", $"[{{matches: [{{path: {{value: /p}}}}], filters: [{{type: RequestRedirect, requestRedirect: {{{redirect}}}}}]}}]"));
        var client = await fixture.ServedAsync("web", "redirect");
        await client.BecomesAsync("http://a.test/p/q?x=1", expected[..3]);

        var answer = await client.AskAsync("http://a.test/p/q?x=1");
        Assert.Equal(expected, $"{answer.Status} {answer.Response.Headers.Location}");
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteRedirectPortAndScheme")]
    public async Task Without_a_port_a_redirect_stays_at_the_listeners_unless_the_scheme_is_another()
    {
        await using var fixture = new GatewayFixture();
        await fixture.ApplyAsync(Routes.Gateway.Replace("port: 80", "port: 8080", StringComparison.Ordinal));
        await fixture.ApplyAsync(Routes.Http("redirect", """
            - {matches: [{path: {value: /host}}], filters: [{type: RequestRedirect, requestRedirect: {hostname: b.test}}]}
            - {matches: [{path: {value: /https}}], filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}
            """));
        var client = await fixture.ServedAsync("web", "redirect");
        await client.BecomesAsync("http://a.test:8080/host", "302");

        Assert.Equal("http://b.test:8080/host", (await client.AskAsync("http://a.test:8080/host")).Response.Headers.Location?.ToString());
        Assert.Equal("https://a.test/https", (await client.AskAsync("http://a.test:8080/https")).Response.Headers.Location?.ToString());
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteRewriteHost")]
    [Trait("GatewayConformance", "HTTPRouteRewritePath")]
    public async Task A_rewrite_asks_the_backend_for_another_host_and_path()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("rewrite", """
            - {matches: [{path: {value: /one}}], filters: [{type: URLRewrite, urlRewrite: {hostname: one.example.org}}], backendRefs: [{name: v1, port: 8080}]}
            - matches: [{path: {value: /prefix/one}}]
              filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /one}}}]
              backendRefs: [{name: v1, port: 8080}]
            - matches: [{path: {value: /strip}}]
              filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]
              backendRefs: [{name: v1, port: 8080}]
            - matches: [{path: {value: /full}}]
              filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /all}}}]
              backendRefs: [{name: v1, port: 8080}]
            """));
        var client = await fixture.ServedAsync("web", "rewrite");
        await client.BecomesAsync("http://a.test/one", "infra/v1");

        Assert.Equal(("one.example.org", "/one/x"), await SeenAsync("/one/x"));
        Assert.Equal(("a.test", "/one/two?q=1"), await SeenAsync("/prefix/one/two?q=1"));
        Assert.Equal(("a.test", "/one"), await SeenAsync("/prefix/one"));
        Assert.Equal(("a.test", "/three"), await SeenAsync("/strip/three"));
        Assert.Equal(("a.test", "/"), await SeenAsync("/strip"));
        Assert.Equal(("a.test", "/all"), await SeenAsync("/full/x"));

        async Task<(string Host, string Path)> SeenAsync(string path)
        {
            var answer = await client.AskAsync($"http://a.test{path}");
            return (answer.Lines[2], answer.Lines[3]);
        }
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteRequestMirror")]
    [Trait("GatewayConformance", "HTTPRouteRequestMultipleMirrors")]
    [Trait("GatewayConformance", "HTTPRouteRequestPercentageMirror")]
    public async Task Mirrors_get_copies_with_their_bodies_and_a_share_of_them_if_so_wished()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        var all = await fixture.CreateBackendAsync("all");
        var none = await fixture.CreateBackendAsync("none");
        var some = await fixture.CreateBackendAsync("some");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("mirror", """
            - filters:
              - {type: RequestMirror, requestMirror: {backendRef: {name: all, port: 8080}}}
              - {type: RequestMirror, requestMirror: {backendRef: {name: none, port: 8080}, percent: 0}}
              - {type: RequestMirror, requestMirror: {backendRef: {name: some, port: 8080}, fraction: {numerator: 1, denominator: 2}}}
              backendRefs: [{name: v1, port: 8080}]
            """));
        var client = await fixture.ServedAsync("web", "mirror");
        await client.BecomesAsync("http://a.test/ready", "infra/v1");

        for (var i = 0; i < 60; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://a.test/copy") { Content = new StringContent($"body {i}") };
            var answer = await client.SendAsync(request);
            Assert.Equal(("infra/v1", $"body {i}"), (answer.Backend, answer.Lines[^1]));
        }

        // Copies may be lost: nobody waits for them.
        await GatewayFixture.SeenAsync(all, static seen => Enumerable.Range(0, 60).Count(number => seen.Contains($"POST a.test/copy body {number}")) > 50);
        Assert.Empty(none.Requests);
        Assert.InRange(some.Requests.Count(static request => request.StartsWith("POST", StringComparison.Ordinal)), 10, 50);
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteTimeoutRequest")]
    [Trait("GatewayConformance", "HTTPRouteTimeoutBackendRequest")]
    public async Task A_backend_that_takes_longer_than_it_may_is_answered_for_with_504()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("timeouts", """
            - {matches: [{path: {value: /request}}], timeouts: {request: 300ms}, backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{path: {value: /backend}}], timeouts: {backendRequest: 300ms}, backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{path: {value: /never}}], timeouts: {request: 0s}, backendRefs: [{name: v1, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "timeouts");

        await client.BecomesAsync("http://a.test/never", "infra/v1");
        Assert.Equal("504", await client.WhoAsync("http://a.test/request", "X-Wait: forever"));
        Assert.Equal("504", await client.WhoAsync("http://a.test/backend", "X-Wait: forever"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteCORS")]
    [Trait("GatewayConformance", "HTTPRouteCORSAllowCredentialsBehavior")]
    public async Task Pages_of_allowed_origins_may_ask_and_others_are_told_nothing()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("cors", """
            - matches: [{path: {value: /some}}]
              filters:
              - type: CORS
                cors:
                  allowOrigins: ["https://www.foo.com", "https://*.bar.com"]
                  allowMethods: [GET, PUT]
                  allowHeaders: [x-one, x-two]
                  exposeHeaders: [x-seen]
                  maxAge: 3600
              backendRefs: [{name: v1, port: 8080}]
            - matches: [{path: {value: /any}}]
              filters: [{type: CORS, cors: {allowOrigins: ["*"], allowMethods: ["*"], allowHeaders: ["*"], allowCredentials: true}}]
              backendRefs: [{name: v1, port: 8080}]
            """));
        var client = await fixture.ServedAsync("web", "cors");
        await client.BecomesAsync("http://a.test/some", "infra/v1");

        var allowed = await PreflightAsync("/some", "https://www.foo.com");
        Assert.Equal("https://www.foo.com | GET, PUT | x-one, x-two | 3600 | ", allowed);
        Assert.StartsWith("https://deep.sub.bar.com |", await PreflightAsync("/some", "https://deep.sub.bar.com"), StringComparison.Ordinal);
        Assert.Equal(" |  |  |  | ", await PreflightAsync("/some", "http://www.foo.com"));
        Assert.Equal("https://x.test | PUT | x-three | 5 | true", await PreflightAsync("/any", "https://x.test"));

        var answer = await client.AskAsync("http://a.test/some", "Origin: https://www.foo.com");
        Assert.Equal("infra/v1", answer.Backend);
        Assert.Equal("https://www.foo.com", Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("x-seen", Header(answer, "Access-Control-Expose-Headers"));
        Assert.Equal("", Header(await client.AskAsync("http://a.test/some", "Origin: https://evil.test"), "Access-Control-Allow-Origin"));

        async Task<string> PreflightAsync(string path, string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, $"http://a.test{path}");
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "PUT");
            request.Headers.Add("Access-Control-Request-Headers", "x-three");
            var answer = await client.SendAsync(request);
            Assert.Equal((int)HttpStatusCode.NoContent, answer.Status);
            return string.Join(" | ", new[] { "Allow-Origin", "Allow-Methods", "Allow-Headers", "Max-Age", "Allow-Credentials" }
                .Select(name => Header(answer, $"Access-Control-{name}")));
        }

        static string Header(Answer answer, string name) => answer.Response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
    }
}
