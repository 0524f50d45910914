using Kybernet.Api.Core.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>Listeners that end TLS: which certificate, from where, and for whom.</summary>
public sealed class HttpsListenerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteHTTPSListener")]
    [Trait("GatewayConformance", "GatewayHTTPSListenerDetectMisdirectedRequests")]
    public async Task TLS_is_ended_with_the_certificate_of_the_listener_and_requests_for_another_listener_are_misdirected()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("v2");
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("one", TestCertificates.Create("CN=one", ["a.example.org"])), Token);
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("wild", TestCertificates.Create("CN=wild", ["*.example.org"])), Token);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: one, port: 443, protocol: HTTPS, hostname: a.example.org, tls: {certificateRefs: [{name: one}]}}
              - {name: wild, port: 443, protocol: HTTPS, hostname: "*.example.org", tls: {certificateRefs: [{name: wild}]}}
            """);
        await fixture.ApplyAsync(Routes.Http("one", Routes.To("v1"), parents: "{name: web, sectionName: one}"));
        await fixture.ApplyAsync(Routes.Http("wild", Routes.To("v2"), parents: "{name: web, sectionName: wild}"));
        var client = await fixture.ServedAsync("web", "one", "wild");
        await client.BecomesAsync("https://a.example.org/", "infra/v1");
        await client.BecomesAsync("https://b.example.org/", "infra/v2");

        Assert.Equal("CN=one", await client.SubjectAsync("https://a.example.org/"));
        Assert.Equal("CN=wild", await client.SubjectAsync("https://b.example.org/"));
        Assert.Contains("X-Forwarded-Proto: https", (await client.AskAsync("https://b.example.org/")).Lines);
        using var misdirected = new HttpRequestMessage(HttpMethod.Get, "http://b.example.org:443/");
        Assert.Equal(421, (await client.SendAsync(misdirected, serverName: "a.example.org")).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("https://unknown.test/"));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPListenerMultipleTLSCertsLongestSNIMatching")]
    public async Task Of_several_certificates_of_a_listener_the_one_for_the_name_is_shown_and_a_new_one_at_once()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("wild", TestCertificates.Create("CN=wild", ["*.example.org"])), Token);
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("deep", TestCertificates.Create("CN=deep", ["*.deep.example.org"])), Token);
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("exact", TestCertificates.Create("CN=exact", ["www.example.org"])), Token);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: wild}, {name: deep}, {name: exact}]}}]
            """);
        await fixture.ApplyAsync(Routes.Http("all", Routes.To("v1")));
        var client = await fixture.ServedAsync("web", "all");
        await client.BecomesAsync("https://a.example.org/", "infra/v1");

        Assert.Equal("CN=wild", await client.SubjectAsync("https://a.example.org/"));
        Assert.Equal("CN=deep", await client.SubjectAsync("https://a.deep.example.org/"));
        Assert.Equal("CN=exact", await client.SubjectAsync("https://www.example.org/"));
        Assert.Equal("CN=wild", await client.SubjectAsync("https://other.test/"));

        await fixture.Api.Client.UpdateAsync(TestCertificates.Secret("exact", TestCertificates.Create("CN=renewed", ["www.example.org"])), Token);
        await client.ShowsAsync("https://www.example.org/", "CN=renewed");
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayInvalidTLSConfiguration")]
    public async Task A_certificate_that_is_missing_malformed_or_of_an_unknown_kind_is_told_of()
    {
        await using var fixture = new GatewayFixture();
        await fixture.Api.Client.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "malformed", Namespace = GatewayFixture.Namespace },
                Type = "kubernetes.io/tls",
                Data = new Dictionary<string, ReadOnlyMemory<byte>> { ["tls.crt"] = "Hello"u8.ToArray(), ["tls.key"] = "Hello"u8.ToArray() },
            },
            Token);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: http, port: 80, protocol: HTTP}
              - {name: missing, port: 441, protocol: HTTPS, tls: {certificateRefs: [{name: nosuch}]}}
              - {name: group, port: 442, protocol: HTTPS, tls: {certificateRefs: [{group: wrong.example.com, kind: Secret, name: malformed}]}}
              - {name: kind, port: 443, protocol: HTTPS, tls: {certificateRefs: [{group: "", kind: Wrong, name: malformed}]}}
              - {name: malformed, port: 444, protocol: HTTPS, tls: {certificateRefs: [{name: malformed}]}}
            """);

        foreach (var listener in (string[])["missing", "group", "kind", "malformed"])
        {
            await fixture.ListenerAsync("web", listener, "ResolvedRefs=False/InvalidCertificateRef", "Programmed=False/Invalid");
        }
        await fixture.GatewayAsync("web");
        Assert.Equal([80], (await fixture.ClientAsync("web")).Ports.Keys);
    }

    [Fact]
    [Trait("GatewayConformance", "GatewaySecretMissingReferenceGrant")]
    [Trait("GatewayConformance", "GatewaySecretReferenceGrantSpecific")]
    public async Task A_certificate_of_another_namespace_needs_a_grant_there()
    {
        await using var fixture = await WithCertificateElsewhereAsync();
        await fixture.ListenerAsync("web", "https", "ResolvedRefs=False/RefNotPermitted", "Programmed=False/Invalid");

        await fixture.ApplyAsync(Routes.Grant("allow", "certs", "{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}", "{group: '', kind: Secret, name: cert}"));
        await fixture.ListenerAsync("web", "https", "ResolvedRefs=True/ResolvedRefs", "Programmed=True/Programmed");

        await fixture.Api.Client.DeleteAsync<ReferenceGrant>("certs", "allow", new DeleteOptions(), Token);
        await fixture.ListenerAsync("web", "https", "ResolvedRefs=False/RefNotPermitted");
    }

    [Fact]
    [Trait("GatewayConformance", "GatewaySecretReferenceGrantAllInNamespace")]
    public async Task A_grant_without_a_name_is_for_all_certificates_of_its_namespace()
    {
        await using var fixture = await WithCertificateElsewhereAsync();
        await fixture.ApplyAsync(Routes.Grant("allow", "certs", "{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}", "{group: '', kind: Secret}"));

        await fixture.ListenerAsync("web", "https", "ResolvedRefs=True/ResolvedRefs", "Programmed=True/Programmed");
    }

    [Fact]
    [Trait("GatewayConformance", "GatewaySecretInvalidReferenceGrant")]
    public async Task A_grant_for_others_or_of_something_else_does_not_count_for_certificates()
    {
        await using var fixture = await WithCertificateElsewhereAsync();
        const string From = "{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}";
        const string To = "{group: '', kind: Secret, name: cert}";
        await fixture.ApplyAsync(Routes.Grant("place", "infra", From, To));
        await fixture.ApplyAsync(Routes.Grant("from-kind", "certs", "{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: infra}", To));
        await fixture.ApplyAsync(Routes.Grant("from-namespace", "certs", "{group: gateway.networking.k8s.io, kind: Gateway, namespace: other}", To));
        await fixture.ApplyAsync(Routes.Grant("to-kind", "certs", From, "{group: '', kind: ConfigMap, name: cert}"));
        await fixture.ApplyAsync(Routes.Grant("to-name", "certs", From, "{group: '', kind: Secret, name: other}"));
        await fixture.ApplyAsync(Routes.Http("last", Routes.To("none")));

        await fixture.HttpRouteAsync("last", "Accepted=True/Accepted"); // so all that was before has been seen
        await fixture.ListenerAsync("web", "https", "ResolvedRefs=False/RefNotPermitted");
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayHTTPListenerIsolation")]
    public async Task A_request_belongs_to_the_most_specific_listener_and_to_no_other()
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
              - {name: empty, port: 80, protocol: HTTP}
              - {name: wildcard, port: 80, protocol: HTTP, hostname: "*.example.com"}
              - {name: foo, port: 80, protocol: HTTP, hostname: "*.foo.example.com"}
              - {name: abc, port: 80, protocol: HTTP, hostname: abc.foo.example.com}
            """);
        foreach (var name in (string[])["empty", "wildcard", "foo", "abc"])
        {
            await fixture.ApplyAsync(Routes.Http(
                name, $"[{{matches: [{{path: {{value: /{name}}}}}], backendRefs: [{{name: v1, port: 8080}}]}}]", parents: $"{{name: web, sectionName: {name}}}"));
        }
        var client = await fixture.ServedAsync("web", "empty", "wildcard", "foo", "abc");

        var own = new Dictionary<string, string>
        {
            ["bar.com"] = "empty", ["bar.example.com"] = "wildcard", ["bar.foo.example.com"] = "foo", ["abc.foo.example.com"] = "abc",
        };
        foreach (var (host, listener) in own)
        {
            await client.BecomesAsync($"http://{host}/{listener}", "infra/v1");
            foreach (var other in own.Values.Where(other => other != listener))
            {
                Assert.Equal("404", await client.WhoAsync($"http://{host}/{other}"));
            }
        }
    }

    private static async Task<GatewayFixture> WithCertificateElsewhereAsync()
    {
        var fixture = new GatewayFixture();
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("cert", TestCertificates.Create("CN=far", ["a.test"]), "certs"), Token);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: cert, namespace: certs}]}}]
            """);
        return fixture;
    }
}
