namespace Kybernet.Network.Tests.Gateways;

/// <summary>Which rule answers a request: paths, headers, query parameters, methods, hostnames, and their order.</summary>
public sealed class HttpRouteMatchingTests
{
    [Fact]
    [Trait("GatewayConformance", "HTTPRouteSimpleSameNamespace")]
    public async Task A_route_of_the_Gateways_namespace_sends_everything_to_its_backend()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("simple", Routes.To("v1")));
        var client = await fixture.ServedAsync("web", "simple");

        await client.BecomesAsync("http://anything.test/any/path", "infra/v1");
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPExactPathMatching")]
    [Trait("GatewayConformance", "HTTPRouteExactPathMatching")]
    public async Task An_exact_path_is_the_whole_path_and_nothing_else()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("v2");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("exact", """
            - {matches: [{path: {type: Exact, value: /one}}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{path: {type: Exact, value: /two}}], backendRefs: [{name: v2, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "exact");

        await client.BecomesAsync("http://a.test/one", "infra/v1");
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/two"));
        foreach (var path in (string[])["", "one/", "one/example", "two/", "Two", "oneexample"])
        {
            Assert.Equal("404", await client.WhoAsync($"http://a.test/{path}"));
        }
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteMatching")]
    public async Task Prefixes_and_headers_choose_the_backend()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("v2");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("matching", """
            - {matches: [{path: {type: PathPrefix, value: /}}, {headers: [{name: version, value: one}]}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{path: {type: PathPrefix, value: /v2}}, {headers: [{name: version, value: two}]}], backendRefs: [{name: v2, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "matching");

        await client.BecomesAsync("http://a.test/", "infra/v1");
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/example"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/", "Version: one"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/v2"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/v2example/..", "Version: two"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/v2/"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/v2/example"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/v2example"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/foo", "Version: two"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteMatchingAcrossRoutes")]
    public async Task Routes_that_share_a_listener_are_told_apart_by_hostname_and_then_by_path_and_header()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("v2");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("part1", """
            - {matches: [{path: {type: PathPrefix, value: /}}, {headers: [{name: version, value: one}]}], backendRefs: [{name: v1, port: 8080}]}
            """, "example.com, example.net"));
        await fixture.ApplyAsync(Routes.Http("part2", """
            - {matches: [{path: {type: PathPrefix, value: /v2}}, {headers: [{name: version, value: two}]}], backendRefs: [{name: v2, port: 8080}]}
            """, "example.com"));
        var client = await fixture.ServedAsync("web", "part1", "part2");

        await client.BecomesAsync("http://example.com/v2", "infra/v2");
        Assert.Equal("infra/v1", await client.WhoAsync("http://example.com/"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://example.com/example"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://example.net/example"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://example.com/", "Version: one"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://example.com/v2/", "Version: two"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://example.com/", "Version: two"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://example.net/v2"));
        Assert.Equal("404", await client.WhoAsync("http://example.org/"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteHeaderMatching")]
    public async Task Of_rules_with_headers_the_one_with_more_of_them_comes_first()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("v2");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("headers", """
            - {matches: [{headers: [{name: version, value: one}]}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{headers: [{name: version, value: two}]}], backendRefs: [{name: v2, port: 8080}]}
            - {matches: [{headers: [{name: version, value: two}, {name: color, value: orange}]}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{headers: [{name: color, value: blue}]}, {headers: [{name: color, value: green}]}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{headers: [{name: color, value: red}]}, {headers: [{name: color, value: yellow}]}], backendRefs: [{name: v2, port: 8080}]}
            - {matches: [{headers: [{name: shade, type: RegularExpression, value: "dark-[a-z]+"}]}], backendRefs: [{name: v2, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "headers");

        await client.BecomesAsync("http://a.test/", "infra/v1", "Version: one");
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/", "Version: two"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/", "Version: two", "Color: orange"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/", "Color: blue"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/", "Color: green"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/", "Color: red"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/", "Color: yellow"));
        Assert.Equal("404", await client.WhoAsync("http://a.test/", "Color: purple"));
        Assert.Equal("404", await client.WhoAsync("http://a.test/"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/", "Shade: dark-red"));
        Assert.Equal("404", await client.WhoAsync("http://a.test/", "Shade: very dark-red"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteQueryParamMatching")]
    public async Task Query_parameters_choose_the_backend_and_more_of_them_come_first()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("v2");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("query", """
            - {matches: [{queryParams: [{name: animal, value: whale}]}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{queryParams: [{name: animal, value: dolphin}]}], backendRefs: [{name: v2, port: 8080}]}
            - {matches: [{queryParams: [{name: animal, value: dolphin}, {name: color, value: blue}]}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{path: {type: PathPrefix, value: /path5}, queryParams: [{name: animal, value: hydra}]}], backendRefs: [{name: v1, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "query");

        await client.BecomesAsync("http://a.test/?animal=whale", "infra/v1");
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/?animal=dolphin"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/?color=blue&animal=dolphin"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/?animal=dolphin&color=yellow"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/path5?animal=hydra"));
        Assert.Equal("404", await client.WhoAsync("http://a.test/?animal=hydra"));
        Assert.Equal("404", await client.WhoAsync("http://a.test/?animal=shark"));
        Assert.Equal("404", await client.WhoAsync("http://a.test/"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteMethodMatching")]
    public async Task Methods_choose_the_backend_and_count_more_than_headers()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("v2");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("methods", """
            - {matches: [{method: POST}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{headers: [{name: version, value: four}]}], backendRefs: [{name: v2, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "methods");

        await client.BecomesAsync("http://a.test/", "infra/v2", "Version: four");
        Assert.Equal("404", await client.WhoAsync("http://a.test/"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://a.test/");
        request.Headers.Add("Version", "four");
        Assert.Equal("infra/v1", (await client.SendAsync(request)).ToString());
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRoutePathMatchOrder")]
    public async Task An_exact_path_comes_before_prefixes_and_a_longer_prefix_before_a_shorter_one()
    {
        await using var fixture = new GatewayFixture();
        foreach (var name in (string[])["v1", "v2", "v3"])
        {
            await fixture.CreateBackendAsync(name);
        }
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("order", """
            - {matches: [{path: {type: PathPrefix, value: /match/exact/one}}], backendRefs: [{name: v3, port: 8080}]}
            - {matches: [{path: {type: PathPrefix, value: /match/exact}}], backendRefs: [{name: v2, port: 8080}]}
            - {matches: [{path: {type: Exact, value: /match/exact}}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{path: {type: PathPrefix, value: /match/prefix/}}], backendRefs: [{name: v2, port: 8080}]}
            - {matches: [{path: {type: PathPrefix, value: /match/prefix/one}}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{path: {type: PathPrefix, value: /match}}], backendRefs: [{name: v3, port: 8080}]}
            - {matches: [{path: {type: RegularExpression, value: "/match/regex/[0-9]+"}}], backendRefs: [{name: v1, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "order");

        await client.BecomesAsync("http://a.test/match/exact/one", "infra/v3");
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/match/exact"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/match/exact/"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/match/prefix/one/any"));
        Assert.Equal("infra/v2", await client.WhoAsync("http://a.test/match/prefix/any"));
        Assert.Equal("infra/v3", await client.WhoAsync("http://a.test/match/any"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://a.test/match/regex/12"));
        Assert.Equal("infra/v3", await client.WhoAsync("http://a.test/match/regex/12x"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteListenerHostnameMatching")]
    public async Task A_route_is_served_at_the_listeners_whose_hostname_it_has_in_common()
    {
        await using var fixture = new GatewayFixture();
        foreach (var name in (string[])["v1", "v2", "v3"])
        {
            await fixture.CreateBackendAsync(name);
        }
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: listener-1, port: 80, protocol: HTTP, hostname: bar.com}
              - {name: listener-2, port: 80, protocol: HTTP, hostname: foo.bar.com}
              - {name: listener-3, port: 80, protocol: HTTP, hostname: "*.bar.com"}
              - {name: listener-4, port: 80, protocol: HTTP, hostname: "*.foo.com"}
            """);
        await fixture.ApplyAsync(Routes.Http("one", Routes.To("v1"), parents: "{name: web, sectionName: listener-1}"));
        await fixture.ApplyAsync(Routes.Http("two", Routes.To("v2"), parents: "{name: web, sectionName: listener-2}"));
        await fixture.ApplyAsync(Routes.Http("three", Routes.To("v3"), parents: "{name: web, sectionName: listener-3}, {name: web, sectionName: listener-4}"));
        var client = await fixture.ServedAsync("web", "one", "two", "three");

        await client.BecomesAsync("http://bar.com/", "infra/v1");
        await client.BecomesAsync("http://foo.bar.com/", "infra/v2");
        await client.BecomesAsync("http://baz.bar.com/", "infra/v3");
        Assert.Equal("infra/v3", await client.WhoAsync("http://boo.bar.com/"));
        Assert.Equal("infra/v3", await client.WhoAsync("http://multiple.prefixes.bar.com/"));
        Assert.Equal("infra/v3", await client.WhoAsync("http://multiple.prefixes.foo.com/"));
        Assert.Equal("404", await client.WhoAsync("http://foo.com/"));
        Assert.Equal("404", await client.WhoAsync("http://no.matching.host/"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteHostnameIntersection")]
    public async Task Only_what_a_routes_and_a_listeners_hostnames_have_in_common_is_served()
    {
        await using var fixture = new GatewayFixture();
        foreach (var name in (string[])["v1", "v2"])
        {
            await fixture.CreateBackendAsync(name);
        }
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: listener-1, port: 80, protocol: HTTP, hostname: very.specific.com}
              - {name: listener-2, port: 80, protocol: HTTP, hostname: "*.wildcard.io"}
              - {name: listener-3, port: 80, protocol: HTTP, hostname: "*.anotherwildcard.io"}
            """);
        await fixture.ApplyAsync(Routes.Http("specific", """
            - {matches: [{path: {type: PathPrefix, value: /s1}}], backendRefs: [{name: v1, port: 8080}]}
            """, "non.matching.com, '*.nonmatchingwildcard.io', very.specific.com"));
        await fixture.ApplyAsync(Routes.Http("under-wildcard", """
            - {matches: [{path: {type: PathPrefix, value: /s2}}], backendRefs: [{name: v2, port: 8080}]}
            """, "non.matching.com, wildcard.io, foo.wildcard.io, bar.wildcard.io, foo.bar.wildcard.io"));
        await fixture.ApplyAsync(Routes.Http("wildcard-over-specific", """
            - {matches: [{path: {type: PathPrefix, value: /s3}}], backendRefs: [{name: v1, port: 8080}]}
            """, "non.matching.com, '*.specific.com'"));
        await fixture.ApplyAsync(Routes.Http("wildcard", """
            - {matches: [{path: {type: PathPrefix, value: /s4}}], backendRefs: [{name: v1, port: 8080}]}
            """, "'*.anotherwildcard.io'"));
        await fixture.ApplyAsync(Routes.Http("none", """
            - {matches: [{path: {type: PathPrefix, value: /s5}}], backendRefs: [{name: v1, port: 8080}]}
            """, "specific.but.wrong.com, wildcard.io"));
        var client = await fixture.ServedAsync("web", "specific", "under-wildcard", "wildcard-over-specific", "wildcard");

        await fixture.HttpRouteAsync("none", "Accepted=False/NoMatchingListenerHostname", "ResolvedRefs=True/ResolvedRefs");
        await client.BecomesAsync("http://very.specific.com/s1", "infra/v1");
        Assert.Equal("infra/v1", await client.WhoAsync("http://very.specific.com:80/s1"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://very.specific.com/s3"));
        foreach (var host in (string[])["foo.wildcard.io", "bar.wildcard.io", "foo.bar.wildcard.io"])
        {
            Assert.Equal("infra/v2", await client.WhoAsync($"http://{host}/s2"));
        }
        Assert.Equal("infra/v1", await client.WhoAsync("http://one.anotherwildcard.io/s4"));
        Assert.Equal("infra/v1", await client.WhoAsync("http://one.two.anotherwildcard.io/s4"));
        foreach (var url in (string[])["non.matching.com/s1", "foo.nonmatchingwildcard.io/s1", "foo.wildcard.io/s1", "very.specific.com/non", "wildcard.io/s2",
            "other.wildcard.io/s2", "foo.specific.com/s3", "anotherwildcard.io/s4", "specific.but.wrong.com/s5"])
        {
            Assert.Equal("404", await client.WhoAsync($"http://{url}"));
        }
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteWeight")]
    public async Task Backends_share_the_requests_by_their_weights()
    {
        await using var fixture = new GatewayFixture();
        foreach (var name in (string[])["v1", "v2", "v3"])
        {
            await fixture.CreateBackendAsync(name);
        }
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("weights", "[{backendRefs: [{name: v1, port: 8080, weight: 70}, {name: v2, port: 8080, weight: 30}, {name: v3, port: 8080, weight: 0}]}]"));
        var client = await fixture.ServedAsync("web", "weights");
        await client.BecomesAsync("http://a.test/", "infra/v1");

        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 100; i++)
        {
            var who = await client.WhoAsync("http://a.test/");
            counts[who] = counts.GetValueOrDefault(who) + 1;
        }

        Assert.Equal(["infra/v1", "infra/v2"], counts.Keys.Order());
        Assert.InRange(counts["infra/v1"], 67, 73);
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteAllBackendsWeightZero")]
    public async Task A_rule_whose_backends_have_no_weight_answers_500()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("weights", "[{backendRefs: [{name: v1, port: 8080, weight: 0}]}]"));
        var client = await fixture.ServedAsync("web", "weights");

        await client.BecomesAsync("http://a.test/", "500");
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteServiceTypes")]
    public async Task A_Service_without_selector_or_without_endpoints_is_a_backend_like_others()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("manual");
        await fixture.CreateBackendAsync("empty", hasEndpoint: false);
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("types", """
            - {matches: [{path: {value: /manual}}], backendRefs: [{name: manual, port: 8080}]}
            - {matches: [{path: {value: /empty}}], backendRefs: [{name: empty, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "types");

        await client.BecomesAsync("http://a.test/manual", "infra/manual");
        Assert.Equal("503", await client.WhoAsync("http://a.test/empty"));
    }
}
