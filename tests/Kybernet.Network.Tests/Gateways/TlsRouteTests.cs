using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>Connections that are handed on by the name that they ask for.</summary>
public sealed class TlsRouteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("GatewayConformance", "TLSRouteSimpleSameNamespace")]
    [Trait("GatewayConformance", "GatewayHTTPSAndTLSPassthroughSamePort")]
    public async Task TLS_passes_through_to_the_backend_of_the_name_beside_a_listener_that_ends_it()
    {
        await using var fixture = new GatewayFixture();
        await using var backend = TlsBackend.Start("passed", TestCertificates.Create("CN=backend", ["abc.example.com"]));
        await fixture.CreateBackendAsync("v1");
        await fixture.CreateBackendAsync("tcp", hasEndpoint: false);
        await fixture.CreateEndpointAsync("tcp", backend.Port);
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("cert", TestCertificates.Create("CN=gateway", ["*.example.com"])), Token);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec:
              gatewayClassName: kybernet
              listeners:
              - {name: tls, port: 443, protocol: TLS, hostname: abc.example.com, tls: {mode: Passthrough}}
              - {name: https, port: 443, protocol: HTTPS, hostname: "*.example.com", tls: {certificateRefs: [{name: cert}]}}
            """);
        await fixture.ApplyAsync(Routes.Http("tls", Routes.To("tcp"), "abc.example.com", "{name: web, sectionName: tls}", "TLSRoute"));
        await fixture.ApplyAsync(Routes.Http("http", Routes.To("v1"), parents: "{name: web, sectionName: https}"));
        await fixture.TlsRouteAsync("tls", "Accepted=True/Accepted", "ResolvedRefs=True/ResolvedRefs");
        var client = await fixture.ServedAsync("web", "http");

        await client.BecomesAsync("https://other.example.com/", "infra/v1");
        await GatewayFixture.BecomesAsync(() => TalkAsync(client, "abc.example.com"), "CN=backend passed: hello");
        Assert.Equal("CN=gateway", await client.SubjectAsync("https://other.example.com/"));
        await Assert.ThrowsAnyAsync<Exception>(() => TalkAsync(client, "unknown.test"));
    }

    [Fact]
    [Trait("GatewayConformance", "TLSRouteHostnameIntersection")]
    [Trait("GatewayConformance", "TLSRouteInvalidReferenceGrant")]
    [Trait("GatewayConformance", "TLSRouteInvalidBackendRefNonexistent")]
    public async Task A_TLS_route_says_what_it_cannot_have()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("far", "elsewhere");
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec: {gatewayClassName: kybernet, listeners: [{name: tls, port: 443, protocol: TLS, hostname: "*.example.com", tls: {mode: Passthrough}}]}
            """);
        await fixture.ApplyAsync(Routes.Http("name", Routes.To("nosuch"), "abc.example.org", kind: "TLSRoute"));
        await fixture.ApplyAsync(Routes.Http("grant", "[{backendRefs: [{name: far, namespace: elsewhere, port: 8080}]}]", "abc.example.com", kind: "TLSRoute"));

        await fixture.TlsRouteAsync("name", "Accepted=False/NoMatchingListenerHostname", "ResolvedRefs=False/BackendNotFound");
        await fixture.TlsRouteAsync("grant", "Accepted=True/Accepted", "ResolvedRefs=False/RefNotPermitted");
        await fixture.ListenerAsync("web", "tls", "ResolvedRefs=True/ResolvedRefs", "Programmed=True/Programmed");
    }

    [Fact]
    [Trait("GatewayConformance", "TLSRouteTerminateSimpleSameNamespace")]
    public async Task TLS_that_is_ended_here_hands_on_what_was_inside()
    {
        await using var fixture = new GatewayFixture();
        await using var backend = TlsBackend.Start("plain", certificate: null);
        await fixture.CreateBackendAsync("tcp", hasEndpoint: false);
        await fixture.CreateEndpointAsync("tcp", backend.Port);
        await fixture.Api.Client.CreateAsync(TestCertificates.Secret("cert", TestCertificates.Create("CN=gateway", ["abc.example.com"])), Token);
        await fixture.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: web}
            spec: {gatewayClassName: kybernet, listeners: [{name: tls, port: 443, protocol: TLS, tls: {mode: Terminate, certificateRefs: [{name: cert}]}}]}
            """);
        await fixture.ApplyAsync(Routes.Http("tls", Routes.To("tcp"), "abc.example.com", kind: "TLSRoute"));
        await fixture.TlsRouteAsync("tls", "Accepted=True/Accepted");
        await fixture.GatewayAsync("web");
        var client = await fixture.ClientAsync("web");

        await GatewayFixture.BecomesAsync(() => TalkAsync(client, "abc.example.com"), "CN=gateway plain: hello");
    }

    /// <summary>Says hello over TLS; answers whose certificate it was, and what came back.</summary>
    private static async Task<string> TalkAsync(GatewayClient client, string name)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Token);
        using var socket = await client.ConnectAsync(443, either.Token);
        await using var stream = new SslStream(new NetworkStream(socket));
        var options = new SslClientAuthenticationOptions { TargetHost = name, RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        await stream.AuthenticateAsClientAsync(options, either.Token);
        await stream.WriteAsync("hello"u8.ToArray(), either.Token);
        var buffer = new byte[100];
        var length = await stream.ReadAsync(buffer, either.Token);
        return $"{((X509Certificate2)stream.RemoteCertificate!).Subject} {Encoding.ASCII.GetString(buffer, 0, length)}";
    }

    /// <summary>A backend that answers what it is told with its name before it, over TLS where it has a certificate.</summary>
    private sealed class TlsBackend : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private Task _serving = Task.CompletedTask;

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public static TlsBackend Start(string name, X509Certificate2? certificate)
        {
            var backend = new TlsBackend();
            backend._listener.Start();
            backend._serving = backend.ServeAsync(name, certificate);
            return backend;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task ServeAsync(string name, X509Certificate2? certificate)
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await AnswerAsync(client.GetStream(), name, certificate);
                }
                catch (IOException)
                {
                    // the client left
                }
            }
        }

        private async Task AnswerAsync(Stream stream, string name, X509Certificate2? certificate)
        {
            if (certificate is not null)
            {
                var secured = new SslStream(stream);
                await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _stop.Token);
                stream = secured;
            }
            var buffer = new byte[100];
            var length = await stream.ReadAsync(buffer, _stop.Token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{name}: {Encoding.ASCII.GetString(buffer, 0, length)}"), _stop.Token);
            await stream.CopyToAsync(Stream.Null, _stop.Token); // until the client leaves
        }
    }
}
