using Kybernet.Api.Core.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>What Gateways and classes say of themselves, and what is made for a Gateway.</summary>
public sealed class GatewayStatusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("GatewayConformance", "GatewayClassObservedGenerationBump")]
    [Trait("GatewayConformance", "GatewayClassSupportedVersionCondition")]
    public async Task A_class_is_accepted_tells_its_features_and_follows_its_generation()
    {
        await using var fixture = new GatewayFixture();
        var own = await fixture.WaitAsync<GatewayClass>("", "kybernet", static item => GatewayFixture.Has(item.Status.Conditions, "Accepted=True/Accepted"));
        Assert.True(GatewayFixture.Has(own.Status.Conditions, "SupportedVersion=True/SupportedVersion"));
        var features = own.Status.SupportedFeatures.Select(static feature => feature.Name).ToList();
        Assert.Equal(features.Order(StringComparer.Ordinal), features);
        Assert.Contains("HTTPRouteCORS", features);

        await fixture.Api.Client.UpdateAsync(own with { Spec = own.Spec with { Description = "another" } }, Token);

        await fixture.WaitAsync<GatewayClass>("", "kybernet", static item => item.Status.Conditions.All(static condition => condition.ObservedGeneration == 2));
    }

    [Fact]
    public async Task A_class_or_Gateway_with_parameters_is_refused_and_one_of_another_class_is_left_alone()
    {
        await using var fixture = new GatewayFixture();
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: GatewayClass
            metadata: {name: special}
            spec: {controllerName: kybernet.io/gateway-controller, parametersRef: {group: "", kind: ConfigMap, name: p, namespace: infra}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: theirs}
            spec: {gatewayClassName: nginx, listeners: [{name: http, port: 80, protocol: HTTP}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: special}
            spec:
              gatewayClassName: kybernet
              infrastructure: {parametersRef: {group: "", kind: ConfigMap, name: p}}
              listeners: [{name: http, port: 80, protocol: HTTP}]
            """);

        await fixture.WaitAsync<GatewayClass>("", "special", static item => GatewayFixture.Has(item.Status.Conditions, "Accepted=False/InvalidParameters"));
        await fixture.GatewayAsync("special", static item => GatewayFixture.Has(item.Status.Conditions, "Accepted=False/InvalidParameters"));
        var theirs = await fixture.Api.Client.GetAsync<Gateway>(GatewayFixture.Namespace, "theirs", Token);
        Assert.Empty(theirs.Status.Conditions);
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayInvalidRouteKind")]
    public async Task A_listener_that_asks_for_kinds_that_its_protocol_does_not_have_takes_the_others()
    {
        await using var fixture = new GatewayFixture();
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: kinds}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: none, port: 80, protocol: HTTP, allowedRoutes: {kinds: [{kind: InvalidRoute}]}}
              - {name: some, port: 81, protocol: HTTP, allowedRoutes: {kinds: [{kind: InvalidRoute}, {kind: HTTPRoute}]}}
            """);

        await fixture.ListenerAsync("kinds", "none", "ResolvedRefs=False/InvalidRouteKinds");
        var gateway = await fixture.ListenerAsync("kinds", "some", "ResolvedRefs=False/InvalidRouteKinds");
        Assert.Empty(gateway.Status.Listeners[0].SupportedKinds);
        Assert.Equal("HTTPRoute", Assert.Single(gateway.Status.Listeners[1].SupportedKinds).Kind);
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayListenerUnsupportedProtocol")]
    public async Task A_Gateway_is_accepted_as_long_as_one_listener_is()
    {
        await using var fixture = new GatewayFixture();
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: none}
            spec: {gatewayClassName: kybernet, listeners: [{name: invalid, port: 80, protocol: kybernet.test/none}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: one}
            spec: {gatewayClassName: kybernet, listeners: [{name: invalid, port: 80, protocol: kybernet.test/none}, {name: http, port: 81, protocol: HTTP}]}
            """);

        var none = await fixture.ListenerAsync("none", "invalid", "Accepted=False/UnsupportedProtocol", "Programmed=False/Invalid");
        Assert.True(GatewayFixture.Has(none.Status.Conditions, "Accepted=False/ListenersNotValid"));
        Assert.Empty(none.Status.Listeners[0].SupportedKinds);
        await fixture.ListenerAsync("one", "http", "Accepted=True/Accepted");
        var one = await fixture.GatewayAsync("one");
        Assert.True(GatewayFixture.Has(one.Status.Conditions, "Accepted=True/ListenersNotValid"));
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayListenerProtocolAndRouteKindConflicts")]
    public async Task Listeners_that_cannot_share_a_port_are_conflicted()
    {
        await using var fixture = new GatewayFixture();
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("cert", TestCertificates.Create("CN=a", ["a.test"])), Token);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: conflicts}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: one, port: 80, protocol: HTTP, hostname: a.test}
              - {name: two, port: 80, protocol: HTTP, hostname: a.test}
              - {name: other, port: 80, protocol: HTTP, hostname: b.test}
              - {name: https, port: 443, protocol: HTTPS, hostname: a.test, tls: {certificateRefs: [{name: cert}]}}
              - {name: tls, port: 443, protocol: TLS, hostname: a.test, tls: {mode: Passthrough}}
              - {name: plain, port: 8443, protocol: HTTP}
              - {name: secure, port: 8443, protocol: HTTPS, hostname: a.test, tls: {certificateRefs: [{name: cert}]}}
            """);

        await fixture.ListenerAsync("conflicts", "one", "Conflicted=True/HostnameConflict", "Accepted=False/Invalid", "Programmed=False/Invalid");
        await fixture.ListenerAsync("conflicts", "two", "Conflicted=True/HostnameConflict");
        await fixture.ListenerAsync("conflicts", "other", "Conflicted=False/NoConflicts", "Programmed=True/Programmed");
        foreach (var listener in (string[])["https", "tls", "plain", "secure"])
        {
            await fixture.ListenerAsync("conflicts", listener, "Conflicted=True/ProtocolConflict", "Accepted=False/Invalid");
        }
        var client = await fixture.ClientAsync("conflicts");
        Assert.Equal([80], client.Ports.Keys);
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayOverlappingTLSConfigHostnames")]
    public async Task HTTPS_listeners_of_a_port_say_that_their_hostnames_overlap()
    {
        await using var fixture = new GatewayFixture();
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("cert", TestCertificates.Create("CN=a", ["a.test"])), Token);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: overlap}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: foo, port: 443, protocol: HTTPS, hostname: foo.example.com, tls: {certificateRefs: [{name: cert}]}}
              - {name: wildcard, port: 443, protocol: HTTPS, hostname: "*.example.com", tls: {certificateRefs: [{name: cert}]}}
              - {name: apart, port: 443, protocol: HTTPS, hostname: example.net, tls: {certificateRefs: [{name: cert}]}}
              - {name: elsewhere, port: 8443, protocol: HTTPS, hostname: foo.example.com, tls: {certificateRefs: [{name: cert}]}}
            """);

        await fixture.ListenerAsync("overlap", "foo", "Accepted=True/Accepted", "OverlappingTLSConfig=True/OverlappingHostnames");
        var gateway = await fixture.ListenerAsync("overlap", "wildcard", "Accepted=True/Accepted", "OverlappingTLSConfig=True/OverlappingHostnames");
        Assert.All(gateway.Status.Listeners.TakeLast(2), static listener => Assert.DoesNotContain(listener.Conditions, static condition => condition.Type == "OverlappingTLSConfig"));
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayModifyListeners")]
    [Trait("GatewayConformance", "GatewayObservedGenerationBump")]
    public async Task Listeners_come_and_go_with_the_spec_and_the_conditions_follow_its_generation()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec: {gatewayClassName: kybernet, listeners: [{name: http, port: 80, protocol: HTTP}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: all}
            spec: {parentRefs: [{name: web}], rules: [{backendRefs: [{name: v1, port: 8080}]}]}
            """);
        await fixture.ServedAsync("web", "all");
        var one = (await fixture.GatewayAsync("web")).Spec.Listeners[0];

        await SetListenersAsync(one, one with { Name = "more", Port = 8080 });
        await fixture.GatewayAsync("web", static item => IsAt(item, 2) && item.Status.Listeners is [{ Name: "http", AttachedRoutes: 1 }, { Name: "more", AttachedRoutes: 1 }]);
        var client = await fixture.ClientAsync("web");
        Assert.Equal([80, 8080], client.Ports.Keys.Order());
        await client.BecomesAsync("http://a.test:8080/", "infra/v1");

        await SetListenersAsync(one with { Name = "more", Port = 8080 });
        await fixture.GatewayAsync("web", static item => IsAt(item, 3) && item.Status.Listeners is [{ Name: "more" }]);
        var fewer = await fixture.ClientAsync("web");
        Assert.Equal([8080], fewer.Ports.Keys);
        Assert.Equal(client.Ports[8080], fewer.Ports[8080]);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("http://a.test:80/"));

        async Task SetListenersAsync(params Listener[] listeners)
        {
            var gateway = await fixture.Api.Client.GetAsync<Gateway>(GatewayFixture.Namespace, "web", Token);
            await fixture.Api.Client.UpdateAsync(gateway with { Metadata = gateway.Metadata with { ResourceVersion = null }, Spec = gateway.Spec with { Listeners = listeners } }, Token);
        }
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayWithAttachedRoutes")]
    [Trait("GatewayConformance", "GatewayWithAttachedRoutesWithPort8080")]
    public async Task A_listener_counts_the_routes_that_it_has_taken()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateNamespaceAsync("elsewhere");
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: http, port: 80, protocol: HTTP}
              - {name: more, port: 8080, protocol: HTTP}
              - {name: broken, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: missing}]}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: one}
            spec: {parentRefs: [{name: web, sectionName: http}], rules: [{backendRefs: [{name: none, port: 8080}]}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: two}
            spec: {parentRefs: [{name: web, sectionName: http}, {name: web, sectionName: broken}], rules: [{backendRefs: [{name: none, port: 8080}]}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: stranger, namespace: elsewhere}
            spec: {parentRefs: [{name: web, namespace: infra}], rules: [{backendRefs: [{name: none, port: 8080}]}]}
            """);

        var gateway = await fixture.GatewayAsync("web", static item => item.Status.Listeners is [{ AttachedRoutes: 2 }, { AttachedRoutes: 0 }, { AttachedRoutes: 1 }]);
        Assert.True(GatewayFixture.Has(gateway.Status.Listeners[2].Conditions, "ResolvedRefs=False/InvalidCertificateRef"));
        await fixture.HttpRouteAsync("elsewhere", "stranger", ["Accepted=False/NotAllowedByListeners"]);
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayStaticAddresses")]
    [Trait("GatewayConformance", "GatewayOptionalAddressValue")]
    public async Task An_address_that_is_asked_for_is_given_or_it_is_said_why_not()
    {
        await using var fixture = new GatewayFixture { UsableAddress = "192.0.2.20" };
        await ApplyAsync("{type: test.example/odd, value: x}, {type: IPAddress, value: 192.0.2.99}, {type: IPAddress, value: 192.0.2.20}");
        await fixture.GatewayAsync("web", static item => GatewayFixture.Has(item.Status.Conditions, "Accepted=False/UnsupportedAddress"));

        await ApplyAsync("{type: IPAddress, value: 192.0.2.99}, {type: IPAddress, value: 192.0.2.20}");
        await fixture.GatewayAsync("web", static item => GatewayFixture.Has(item.Status.Conditions, "Accepted=True/Accepted")
            && GatewayFixture.Has(item.Status.Conditions, "Programmed=False/AddressNotUsable"));

        await ApplyAsync("{type: IPAddress, value: 192.0.2.20}");
        var given = await fixture.GatewayAsync("web");
        Assert.Equal("192.0.2.20", Assert.Single(given.Status.Addresses).Value);

        await ApplyAsync("{type: IPAddress}");
        await fixture.GatewayAsync("web", static item => GatewayFixture.IsProgrammed(item) && item.Status.Addresses is [{ Value: GatewayFixture.Address }]);

        Task ApplyAsync(string addresses) => fixture.ApplyAsync($$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec: {gatewayClassName: kybernet, addresses: [{{addresses}}], listeners: [{name: http, port: 80, protocol: HTTP}]}
            """);
    }

    [Fact]
    public async Task Without_a_load_balancer_a_Gateway_tells_of_its_Services_address()
    {
        await using var fixture = new GatewayFixture(hasLoadBalancer: false);
        await fixture.ApplyAsync(Routes.Gateway);

        await fixture.GatewayAsync("web", static item => GatewayFixture.IsProgrammed(item) && item.Status.Addresses is [{ Value: GatewayFixture.ClusterAddress }]);
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayInfrastructure")]
    public async Task The_Service_of_a_Gateway_has_its_labels_and_annotations_and_goes_with_it()
    {
        await using var fixture = new GatewayFixture();
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              infrastructure: {labels: {team: red}, annotations: {note: here}}
              listeners: [{name: http, port: 80, protocol: HTTP}]
            """);
        var gateway = await fixture.GatewayAsync("web");

        var service = await fixture.Api.Client.GetAsync<Service>(GatewayFixture.Namespace, "web-kybernet", Token);
        Assert.Equal(("red", "web"), (service.Metadata.Labels["team"], service.Metadata.Labels["gateway.networking.k8s.io/gateway-name"]));
        Assert.Equal("here", service.Metadata.Annotations["note"]);
        Assert.Equal(gateway.Metadata.Uid, Assert.Single(service.Metadata.OwnerReferences).Uid);

        var client = await fixture.ClientAsync("web");
        Assert.Equal("404", await client.WhoAsync("http://a.test/"));
        await fixture.Api.Client.DeleteAsync<Gateway>(GatewayFixture.Namespace, "web", new DeleteOptions(), Token);
        await fixture.RefusedAsync(client, 80);
    }

    [Fact]
    public async Task A_Gateway_that_goes_to_another_class_is_left_and_its_Service_goes()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("all", Routes.To("v1")));
        var client = await fixture.ServedAsync("web", "all");

        var gateway = await fixture.GatewayAsync("web");
        await fixture.Api.Client.UpdateAsync(gateway with { Metadata = gateway.Metadata with { ResourceVersion = null }, Spec = gateway.Spec with { GatewayClassName = "other" } }, Token);

        await fixture.RefusedAsync(client, 80);
        await fixture.WaitAsync<HTTPRoute>(GatewayFixture.Namespace, "all", static route => route.Status.Parents.Count == 0);
        Assert.Null(await fixture.Api.Client.FindAsync<Service>(GatewayFixture.Namespace, "web-kybernet", Token));
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayMaximumNameLength")]
    public async Task A_Gateway_with_the_longest_name_gets_a_Service_with_a_shorter_one()
    {
        await using var fixture = new GatewayFixture();
        var name = string.Join('.', Enumerable.Repeat(new string('a', 49), 5));
        await fixture.ApplyAsync($$"""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: {{name}}}
            spec: {gatewayClassName: kybernet, listeners: [{name: http, port: 80, protocol: HTTP}]}
            """);

        await fixture.GatewayAsync(name);
        var client = await fixture.ClientAsync(name);
        Assert.Equal("404", await client.WhoAsync("http://a.test/"));
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayPreserveForeignConditions")]
    public async Task Conditions_that_others_have_set_stay()
    {
        await using var fixture = new GatewayFixture();
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec: {gatewayClassName: kybernet, listeners: [{name: http, port: 80, protocol: HTTP}]}
            status:
              conditions: [{type: example.com/Foreign, status: "True", reason: Theirs, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}]
            """);

        var gateway = await fixture.GatewayAsync("web");

        Assert.True(GatewayFixture.Has(gateway.Status.Conditions, "example.com/Foreign=True/Theirs"));
    }

    private static bool IsAt(Gateway gateway, long generation) =>
        gateway.Metadata.Generation == generation && gateway.Status.Conditions.Concat(gateway.Status.Listeners.SelectMany(static listener => listener.Conditions))
            .All(condition => condition.ObservedGeneration == generation) && GatewayFixture.IsProgrammed(gateway);
}
