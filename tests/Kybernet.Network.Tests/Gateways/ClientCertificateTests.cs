using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Network.Tests.Ingresses;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>Certificates of clients, and of the Gateway as a client of its backends.</summary>
public sealed class ClientCertificateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("GatewayConformance", "GatewayFrontendClientCertificateValidation")]
    [Trait("GatewayConformance", "GatewayFrontendClientCertificateValidationInsecureFallback")]
    public async Task Only_clients_with_a_certificate_of_the_ports_authority_get_in_unless_all_may()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("v1");
        await CreateServerCertificateAsync(fixture);
        using var one = await CreateAuthorityAsync(fixture, "one");
        using var two = await CreateAuthorityAsync(fixture, "two");
        await fixture.ApplyAsync(Gateway("""
            default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: one}]}}
            perPort:
            - {port: 8443, tls: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: two}]}}}
            - {port: 9443, tls: {validation: {mode: AllowInsecureFallback, caCertificateRefs: [{group: "", kind: ConfigMap, name: two}]}}}
            """));
        await fixture.ApplyAsync(Routes.Http("all", Routes.To("v1")));
        var client = await fixture.ServedAsync("web", "all");
        var ofOne = new GatewayClient(client.Ports) { Certificate = one };
        var ofTwo = new GatewayClient(client.Ports) { Certificate = two };

        await ofOne.BecomesAsync("https://a.test/", "infra/v1");
        await ofTwo.BecomesAsync("https://a.test:8443/", "infra/v1");
        await client.BecomesAsync("https://a.test:9443/", "infra/v1");
        Assert.Equal("infra/v1", await ofOne.WhoAsync("https://a.test:9443/"));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.WhoAsync("https://a.test/"));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => ofTwo.WhoAsync("https://a.test/"));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => ofOne.WhoAsync("https://a.test:8443/"));
        await fixture.GatewayAsync("web", static item => GatewayFixture.Has(item.Status.Conditions, "InsecureFrontendValidationMode=True/ConfigurationChanged"));
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayInvalidFrontendClientCertificateValidation")]
    public async Task A_listener_without_a_valid_authority_is_closed_and_says_why()
    {
        await using var fixture = new GatewayFixture();
        await CreateServerCertificateAsync(fixture);
        using var one = await CreateAuthorityAsync(fixture, "one");
        await fixture.ApplyAsync(Gateway("""
            default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: missing}]}}
            perPort:
            - {port: 8443, tls: {validation: {caCertificateRefs: [{group: "", kind: Secret, name: one}]}}}
            - {port: 9443, tls: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: one, namespace: far}]}}}
            """));

        await fixture.ListenerAsync("web", "first", "ResolvedRefs=False/InvalidCACertificateRef", "Accepted=False/NoValidCACertificate", "Programmed=False/Invalid");
        await fixture.ListenerAsync("web", "second", "ResolvedRefs=False/InvalidCACertificateKind", "Accepted=False/NoValidCACertificate");
        await fixture.ListenerAsync("web", "third", "ResolvedRefs=False/RefNotPermitted", "Accepted=False/NoValidCACertificate");
    }

    [Fact]
    [Trait("GatewayConformance", "GatewayTLSBackendClientCertificate")]
    [Trait("GatewayConformance", "GatewayInvalidTLSBackendConfiguration")]
    public async Task A_backend_is_shown_the_Gateways_certificate()
    {
        await using var fixture = new GatewayFixture();
        using var authority = await CreateAuthorityAsync(fixture, "backend");
        var server = fixture.Own(await EchoServer.StartAsync("secured", isHttp2: false, Token, authority));
        await fixture.CreateBackendAsync("tls", hasEndpoint: false);
        await fixture.CreateEndpointAsync("tls", server.Port);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: {name: tls}
            spec: {targetRefs: [{group: "", kind: Service, name: tls}], validation: {hostname: backend.test, caCertificateRefs: [{group: "", kind: ConfigMap, name: backend}]}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              tls: {backend: {clientCertificateRef: {name: own}}}
              listeners: [{name: http, port: 80, protocol: HTTP}]
            """);
        await fixture.ApplyAsync(Routes.Http("tls", Routes.To("tls")));
        await fixture.GatewayAsync("web", static item => GatewayFixture.Has(item.Status.Conditions, "ResolvedRefs=False/InvalidClientCertificateRef")
            && GatewayFixture.Has(item.Status.Conditions, "Accepted=True/Accepted"));

        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("own", TestCertificates.Create("CN=gateway", ["gateway.test"])), Token);

        await fixture.GatewayAsync("web", static item => GatewayFixture.Has(item.Status.Conditions, "ResolvedRefs=True/ResolvedRefs"));
        var client = await fixture.ServedAsync("web", "tls");
        await GatewayFixture.BecomesAsync(async () => (await client.AskAsync("http://a.test/")).Lines.FirstOrDefault(static line => line.StartsWith("client", StringComparison.Ordinal)) ?? "", "client CN=gateway");
    }

    private static string Gateway(string frontend) => """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: web}
        spec:
          gatewayClassName: kybernet
          tls:
            frontend:
              FRONTEND
          listeners:
          - {name: first, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}}
          - {name: second, port: 8443, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}}
          - {name: third, port: 9443, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}}
        """.Replace("FRONTEND", frontend.Replace("\n", "\n      ", StringComparison.Ordinal), StringComparison.Ordinal);

    private static Task CreateServerCertificateAsync(GatewayFixture fixture) =>
        fixture.Api.Client.CreateAsync(TestCertificates.Secret("cert", TestCertificates.Create("CN=server", ["a.test"])), Token);

    /// <summary>A certificate, and a ConfigMap of the same name by which it is trusted.</summary>
    private static async Task<X509Certificate2> CreateAuthorityAsync(GatewayFixture fixture, string name)
    {
        var certificate = TestCertificates.Create($"CN={name}", [$"{name}.test"]);
        await fixture.Api.Client.CreateAsync(
            new ConfigMap
            {
                Metadata = new ObjectMeta { Name = name, Namespace = GatewayFixture.Namespace },
                Data = new Dictionary<string, string> { ["ca.crt"] = certificate.ExportCertificatePem() },
            },
            Token);
        return certificate;
    }
}
