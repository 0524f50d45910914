using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>What routes refer to: parents and backends, of their own namespace and of others.</summary>
public sealed class HttpRouteReferenceTests
{
    private const string Resolved = "ResolvedRefs=True/ResolvedRefs";
    private const string Accepted = "Accepted=True/Accepted";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteCrossNamespace")]
    public async Task A_route_of_a_namespace_that_the_listener_selects_is_attached()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateNamespaceAsync("chosen", "role: web");
        await fixture.CreateNamespaceAsync("other");
        await fixture.CreateBackendAsync("backend", "chosen");
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {role: web}}}}}
            """);
        await ApplyRouteAsync("chosen");
        await ApplyRouteAsync("other");

        await fixture.HttpRouteAsync("chosen", "cross", [Accepted, Resolved]);
        await fixture.HttpRouteAsync("other", "cross", ["Accepted=False/NotAllowedByListeners"]);
        await fixture.GatewayAsync("web");
        var client = await fixture.ClientAsync("web");
        await client.BecomesAsync("http://a.test/", "chosen/backend");

        Task ApplyRouteAsync(string @namespace) => fixture.ApplyAsync($$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: cross, namespace: {{@namespace}}}
            spec: {parentRefs: [{name: web, namespace: infra}], rules: [{backendRefs: [{name: backend, port: 8080}]}]}
            """);
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteInvalidCrossNamespaceParentRef")]
    public async Task A_route_of_another_namespace_than_the_listener_takes_is_not_accepted()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateNamespaceAsync("elsewhere");
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec: {gatewayClassName: kybernet, listeners: [{name: http, port: 80, protocol: HTTP}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: stranger, namespace: elsewhere}
            spec: {parentRefs: [{name: web, namespace: infra}], rules: [{backendRefs: [{name: backend, port: 8080}]}]}
            """);

        await fixture.HttpRouteAsync("elsewhere", "stranger", ["Accepted=False/NotAllowedByListeners"]);
        await fixture.GatewayAsync("web", static item => GatewayFixture.IsProgrammed(item) && item.Status.Listeners[0].AttachedRoutes == 0);
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteInvalidParentRefNotMatchingSectionName")]
    [Trait("GatewayConformance", "HTTPRouteInvalidParentRefNotMatchingListenerPort")]
    [Trait("GatewayConformance", "HTTPRouteInvalidParentRefSectionNameNotMatchingPort")]
    [Trait("GatewayConformance", "HTTPRouteListenerPortMatching")]
    public async Task A_parents_section_and_port_must_be_those_of_a_listener()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: http, port: 80, protocol: HTTP}
              - {name: more, port: 8080, protocol: HTTP}
            """);
        await fixture.ApplyAsync(Routes.Http("no-section", Routes.To("v1"), parents: "{name: web, sectionName: none}"));
        await fixture.ApplyAsync(Routes.Http("no-port", Routes.To("v1"), parents: "{name: web, port: 81}"));
        await fixture.ApplyAsync(Routes.Http("not-both", Routes.To("v1"), parents: "{name: web, sectionName: http, port: 8080}"));
        await fixture.ApplyAsync(Routes.Http("by-port", Routes.To("v1"), parents: "{name: web, port: 8080}"));

        foreach (var name in (string[])["no-section", "no-port", "not-both"])
        {
            await fixture.HttpRouteAsync(name, "Accepted=False/NoMatchingParent", Resolved);
        }
        var client = await fixture.ServedAsync("web", "by-port");
        await client.BecomesAsync("http://a.test:8080/", "infra/v1");
        Assert.Equal("404", await client.WhoAsync("http://a.test/"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteInvalidNonExistentBackendRef")]
    [Trait("GatewayConformance", "HTTPRouteInvalidBackendRefUnknownKind")]
    public async Task A_backend_that_is_not_there_or_of_an_unknown_kind_answers_500_and_the_route_says_why()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("missing", Routes.To("nosuch"), "missing.test"));
        await fixture.ApplyAsync(Routes.Http("kind", "[{backendRefs: [{group: unknown.example.com, kind: NonExistent, name: v1, port: 8080}]}]", "kind.test"));
        await fixture.ApplyAsync(Routes.Http("port", "[{backendRefs: [{name: v1, port: 9999}]}]", "port.test"));
        var client = await fixture.ServedAsync("web", "missing", "kind", "port");

        await fixture.HttpRouteAsync("missing", Accepted, "ResolvedRefs=False/BackendNotFound");
        await fixture.HttpRouteAsync("kind", Accepted, "ResolvedRefs=False/InvalidKind");
        await fixture.HttpRouteAsync("port", Accepted, "ResolvedRefs=False/BackendNotFound");
        foreach (var host in (string[])["missing", "kind", "port"])
        {
            await client.BecomesAsync($"http://{host}.test/", "500");
        }

        await fixture.CreateBackendAsync("nosuch");
        await client.BecomesAsync("http://missing.test/", "infra/nosuch");
        await fixture.HttpRouteAsync("missing", Accepted, Resolved);
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteInvalidCrossNamespaceBackendRef")]
    [Trait("GatewayConformance", "HTTPRouteReferenceGrant")]
    public async Task A_backend_of_another_namespace_needs_a_grant_there_for_as_long_as_it_is_used()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("web-backend", "far");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("cross", "[{backendRefs: [{name: web-backend, namespace: far, port: 8080}]}]"));
        var client = await fixture.ServedAsync("web", "cross");

        await fixture.HttpRouteAsync("cross", Accepted, "ResolvedRefs=False/RefNotPermitted");
        await client.BecomesAsync("http://a.test/", "500");

        await fixture.ApplyAsync(Routes.Grant(
            "allow", "far", "{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: infra}", "{group: '', kind: Service, name: web-backend}"));
        await client.BecomesAsync("http://a.test/", "far/web-backend");
        await fixture.HttpRouteAsync("cross", Accepted, Resolved);

        await fixture.Api.Client.DeleteAsync<ReferenceGrant>("far", "allow", new DeleteOptions(), Token);
        await client.BecomesAsync("http://a.test/", "500");
        await fixture.HttpRouteAsync("cross", Accepted, "ResolvedRefs=False/RefNotPermitted");
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteInvalidReferenceGrant")]
    public async Task A_grant_of_another_namespace_group_kind_or_name_does_not_count()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("backend", "far");
        const string From = "{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: infra}";
        const string To = "{group: '', kind: Service, name: backend}";
        await fixture.ApplyAsync(Routes.Grant("place", "infra", From, To));
        await fixture.ApplyAsync(Routes.Grant("from-group", "far", "{group: wrong, kind: HTTPRoute, namespace: infra}", To));
        await fixture.ApplyAsync(Routes.Grant("from-kind", "far", "{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}", To));
        await fixture.ApplyAsync(Routes.Grant("from-namespace", "far", "{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: other}", To));
        await fixture.ApplyAsync(Routes.Grant("to-group", "far", From, "{group: wrong, kind: Service, name: backend}"));
        await fixture.ApplyAsync(Routes.Grant("to-kind", "far", From, "{group: '', kind: Secret, name: backend}"));
        await fixture.ApplyAsync(Routes.Grant("to-name", "far", From, "{group: '', kind: Service, name: other}"));
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("cross", "[{backendRefs: [{name: backend, namespace: far, port: 8080}]}]"));

        var client = await fixture.ServedAsync("web", "cross");
        await fixture.HttpRouteAsync("cross", "ResolvedRefs=False/RefNotPermitted");
        await client.BecomesAsync("http://a.test/", "500");
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRoutePartiallyInvalidViaInvalidReferenceGrant")]
    public async Task Of_a_rule_with_a_good_and_a_bad_backend_the_good_one_answers_its_share_and_the_other_share_is_500()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("far-backend", "far");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("partial", """
            - {matches: [{path: {value: /bad}}], backendRefs: [{name: far-backend, namespace: far, port: 8080}]}
            - {matches: [{path: {value: /good}}], backendRefs: [{name: v1, port: 8080}]}
            - {matches: [{path: {value: /half}}], backendRefs: [{name: v1, port: 8080}, {name: far-backend, namespace: far, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "partial");

        await fixture.HttpRouteAsync("partial", Accepted, "ResolvedRefs=False/RefNotPermitted");
        await client.BecomesAsync("http://a.test/good", "infra/v1");
        Assert.Equal("500", await client.WhoAsync("http://a.test/bad"));
        var answers = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            answers.Add(await client.WhoAsync("http://a.test/half"));
        }
        Assert.InRange(answers.Count(static answer => answer == "infra/v1"), 18, 22);
        Assert.Equal(40, answers.Count(static answer => answer is "infra/v1" or "500"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteDisallowedKind")]
    public async Task A_route_is_not_accepted_at_listeners_that_only_take_another_kind()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}, allowedRoutes: {kinds: [{kind: TLSRoute}]}}
            """);
        await fixture.ApplyAsync(Routes.Http("http", Routes.To("v1")));

        await fixture.HttpRouteAsync("http", "Accepted=False/NotAllowedByListeners", Resolved);
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteObservedGenerationBump")]
    public async Task The_conditions_of_a_route_follow_its_generation_and_those_of_other_controllers_stay()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("web", Routes.To("v1")) + """

            status:
              parents:
              - parentRef: {name: other}
                controllerName: example.com/other
                conditions: [{type: Accepted, status: "True", reason: Accepted, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}]
            """);
        var route = await fixture.HttpRouteAsync("web", Accepted);

        await fixture.Api.Client.UpdateAsync(
            route with { Metadata = route.Metadata with { ResourceVersion = null }, Spec = route.Spec with { Hostnames = ["a.test"] } }, Token);

        route = await fixture.WaitAsync<HTTPRoute>(GatewayFixture.Namespace, "web", static item => item.Status.Parents.Any(
            static parent => parent.ControllerName.StartsWith("kybernet", StringComparison.Ordinal) && parent.Conditions.All(static condition => condition.ObservedGeneration == 2)));
        Assert.Contains(route.Status.Parents, static parent => parent.ControllerName == "example.com/other");
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteMultipleGateways")]
    public async Task A_route_of_two_Gateways_tells_of_both_and_of_the_other_when_one_goes()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Gateway.Replace("name: web", "name: second", StringComparison.Ordinal));
        await fixture.ApplyAsync(Routes.Http("both", Routes.To("v1"), parents: "{name: web}, {name: second}"));
        await fixture.WaitAsync<HTTPRoute>(GatewayFixture.Namespace, "both", static route => route.Status.Parents.Count == 2);
        await fixture.GatewayAsync("web");
        await fixture.GatewayAsync("second");
        foreach (var gateway in (string[])["web", "second"])
        {
            await (await fixture.ClientAsync(gateway)).BecomesAsync("http://a.test/", "infra/v1");
        }

        await fixture.Api.Client.DeleteAsync<Gateway>(GatewayFixture.Namespace, "web", new DeleteOptions(), Token);

        await fixture.WaitAsync<HTTPRoute>(GatewayFixture.Namespace, "both", static route => route.Status.Parents is [{ ParentRef.Name: "second" }]);
    }

    [Fact]
    public async Task A_route_that_says_what_cannot_be_done_is_not_accepted()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("pattern", "[{matches: [{path: {type: RegularExpression, value: '/(unclosed'}}], backendRefs: [{name: v1, port: 8080}]}]"));
        await fixture.ApplyAsync(Routes.Http("filter", """
            - {filters: [{type: ExtensionRef, extensionRef: {group: a, kind: B, name: c}}], backendRefs: [{name: v1, port: 8080}]}
            """));

        await fixture.HttpRouteAsync("pattern", "Accepted=False/UnsupportedValue");
        var client = await fixture.ServedAsync("web", "filter");
        await fixture.HttpRouteAsync("filter", "ResolvedRefs=False/InvalidKind");
        await client.BecomesAsync("http://a.test/", "500");
    }
}
