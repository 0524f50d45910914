using Kybernet.Api.Core.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Network.Tests.Ingresses;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>Backends that TLS is spoken with, and whose certificates count.</summary>
public sealed class BackendTlsPolicyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("GatewayConformance", "BackendTLSPolicy")]
    [Trait("GatewayConformance", "BackendTLSPolicyObservedGenerationBump")]
    public async Task TLS_is_spoken_with_a_backend_under_the_policys_name_and_another_certificate_is_not_trusted()
    {
        await using var fixture = await StartAsync(["abc.example.com"], null);
        await fixture.ApplyAsync(Policy("good", "{hostname: abc.example.com, caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}"));
        var client = await fixture.ServedAsync("web", "tls");
        await client.BecomesAsync("http://a.test/", "secured");
        var policy = await PolicyAsync(fixture, "good", "Accepted=True/Accepted", "ResolvedRefs=True/ResolvedRefs");
        Assert.Equal("web", Assert.Single(policy.Status.Ancestors).AncestorRef.Name);

        await fixture.Api.Client.UpdateAsync(
            policy with { Metadata = policy.Metadata with { ResourceVersion = null }, Spec = policy.Spec with { Validation = policy.Spec.Validation with { Hostname = "other.example.com" } } },
            Token);
        await client.BecomesAsync("http://a.test/", "502");
        await fixture.WaitAsync<BackendTLSPolicy>(GatewayFixture.Namespace, "good", static item => item.Status.Ancestors.All(
            static ancestor => ancestor.Conditions.All(static condition => condition.ObservedGeneration == 2)));
    }

    [Fact]
    [Trait("GatewayConformance", "BackendTLSPolicySANValidation")]
    public async Task With_alternative_names_the_certificate_must_have_one_of_them()
    {
        await using var fixture = await StartAsync(["name.example.com"], "spiffe://example.com/backend");
        await fixture.ApplyAsync(Policy("names", Validation("{type: Hostname, hostname: name.example.com}")));
        var client = await fixture.ServedAsync("web", "tls");
        await client.BecomesAsync("http://a.test/", "secured");

        await fixture.ApplyAsync(Policy("names", Validation("{type: Hostname, hostname: wrong.example.com}")));
        await client.BecomesAsync("http://a.test/", "502");

        await fixture.ApplyAsync(Policy("names", Validation("{type: Hostname, hostname: wrong.example.com}, {type: URI, uri: 'spiffe://example.com/backend'}")));
        await client.BecomesAsync("http://a.test/", "secured");

        static string Validation(string names) =>
            $"{{hostname: any.example.com, caCertificateRefs: [{{group: '', kind: ConfigMap, name: ca}}], subjectAltNames: [{names}]}}";
    }

    [Fact]
    [Trait("GatewayConformance", "BackendTLSPolicyInvalidCACertificateRef")]
    [Trait("GatewayConformance", "BackendTLSPolicyInvalidKind")]
    public async Task Without_a_valid_authority_the_backend_is_not_reached_and_the_policy_says_why()
    {
        await using var fixture = await StartAsync(["abc.example.com"], null);
        await fixture.ApplyAsync(Policy("bad", "{hostname: abc.example.com, caCertificateRefs: [{group: '', kind: ConfigMap, name: nosuch}]}"));
        var client = await fixture.ServedAsync("web", "tls");
        await client.BecomesAsync("http://a.test/", "500");
        await PolicyAsync(fixture, "bad", "Accepted=False/NoValidCACertificate", "ResolvedRefs=False/InvalidCACertificateRef");

        await fixture.ApplyAsync(Policy("bad", "{hostname: abc.example.com, caCertificateRefs: [{group: '', kind: Secret, name: ca}]}"));
        await PolicyAsync(fixture, "bad", "Accepted=False/NoValidCACertificate", "ResolvedRefs=False/InvalidKind");
        Assert.Equal("500", await client.WhoAsync("http://a.test/"));
    }

    [Fact]
    [Trait("GatewayConformance", "BackendTLSPolicyConflictResolution")]
    public async Task Of_two_policies_for_a_Service_the_older_counts_and_one_for_its_port_counts_more()
    {
        await using var fixture = await StartAsync(["abc.example.com"], null);
        const string Good = "{hostname: abc.example.com, caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}";
        const string Bad = "{hostname: wrong.example.com, caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}";
        await fixture.ApplyAsync(Policy("a-older", Good));
        await fixture.ApplyAsync(Policy("b-younger", Bad));
        var client = await fixture.ServedAsync("web", "tls");

        await client.BecomesAsync("http://a.test/", "secured");
        await PolicyAsync(fixture, "a-older", "Accepted=True/Accepted");
        await PolicyAsync(fixture, "b-younger", "Accepted=False/Conflicted");

        await fixture.ApplyAsync(Policy("c-port", Bad, section: "main"));
        await client.BecomesAsync("http://a.test/", "502");
        await PolicyAsync(fixture, "c-port", "Accepted=True/Accepted");
    }

    private static string Policy(string name, string validation, string? section = null) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: {{name}}}
        spec:
          targetRefs: [{group: "", kind: Service, name: tls{{(section is null ? "" : $", sectionName: {section}")}}}]
          validation: {{validation}}
        """;

    private static Task<BackendTLSPolicy> PolicyAsync(GatewayFixture fixture, string name, params string[] conditions) =>
        fixture.WaitAsync<BackendTLSPolicy>(GatewayFixture.Namespace, name, item => item.Status.Ancestors.Count > 0
            && item.Status.Ancestors.All(ancestor => conditions.All(wanted => GatewayFixture.Has(ancestor.Conditions, wanted))));

    /// <summary>A Gateway with a route to a backend that speaks TLS, whose certificate is the authority <c>ca</c>.</summary>
    private static async Task<GatewayFixture> StartAsync(string[] names, string? uri)
    {
        var fixture = new GatewayFixture();
        var certificate = TestCertificates.Create("CN=backend", names, uri);
        var server = fixture.Own(await EchoServer.StartAsync("secured", isHttp2: false, Token, certificate));
        await fixture.CreateBackendAsync("tls", hasEndpoint: false);
        await fixture.CreateEndpointAsync("tls", server.Port);
        await fixture.Api.Client.CreateAsync(
            new ConfigMap
            {
                Metadata = new ObjectMeta { Name = "ca", Namespace = GatewayFixture.Namespace },
                Data = new Dictionary<string, string> { ["ca.crt"] = certificate.ExportCertificatePem() },
            },
            Token);
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("tls", Routes.To("tls")));
        return fixture;
    }
}
