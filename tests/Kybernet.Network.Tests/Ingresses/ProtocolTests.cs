using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Network.Tests.Ingresses;

/// <summary>What travels through the proxy: headers, TLS, HTTP/2 with trailers, WebSockets.</summary>
public sealed class ProtocolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backend_sees_the_host_the_path_and_who_asks()
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("web");
        var ingress = await fixture.CreateIngressAsync(new IngressSpec { Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "web"))] });
        using var client = IngressFixture.Client(ingress);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.66"); // a lie
        client.DefaultRequestHeaders.Add("X-Mine", "kept");

        var lines = (await client.GetStringAsync(new Uri("http://a.test/p%20q?x=%2F"), Token)).Split('\n');

        Assert.Equal(["web-0", "HTTP/1.1", "a.test", "/p q?x=%2F"], lines[..4].Select(Uri.UnescapeDataString).Select(static line => line.Replace("x=/", "x=%2F", StringComparison.Ordinal)));
        Assert.Contains("X-Forwarded-For: 127.0.0.1", lines);
        Assert.Contains("X-Forwarded-Host: a.test", lines);
        Assert.Contains("X-Forwarded-Proto: http", lines);
        Assert.Contains("X-Mine: kept", lines);
    }

    [Fact]
    public async Task TLS_takes_the_certificate_of_the_host_and_takes_a_new_one_without_a_restart()
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("web");
        await fixture.Api.Client.CreateAsync(Certificate("one", "CN=first"), Token);
        await fixture.Api.Client.CreateAsync(Certificate("wild", "CN=wild"), Token);
        var ingress = await fixture.CreateIngressAsync(new IngressSpec
        {
            Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "web")), IngressFixture.Rule("*.a.test", ("/", "Prefix", "web"))],
            Tls = [new IngressTLS { Hosts = ["a.test"], SecretName = "one" }, new IngressTLS { Hosts = ["*.a.test"], SecretName = "wild" }],
        });

        // Each Secret is read on its own, and may come after the Ingress.
        await Eventually.TrueAsync(() => SubjectAsync("a.test").GetAwaiter().GetResult() == "CN=first", "the host's certificate is shown");
        await Eventually.TrueAsync(() => SubjectAsync("b.a.test").GetAwaiter().GetResult() == "CN=wild", "the wildcard's certificate is shown");
        Assert.Equal("CN=Kybernet Ingress without a certificate", await SubjectAsync("c.test"));

        await fixture.Api.Client.UpdateAsync(Certificate("one", "CN=second"), Token);
        await Eventually.TrueAsync(() => SubjectAsync("a.test").GetAwaiter().GetResult() == "CN=second", "the old certificate is still shown");

        async Task<string> SubjectAsync(string host)
        {
            var subject = "";
            using var client = IngressFixture.Client(ingress, shown => subject = shown); // a connection of its own
            await IngressFixture.AskAsync(client, $"https://{host}/");
            return subject;
        }
    }

    [Fact]
    public async Task GRPC_is_HTTP_2_from_end_to_end_with_its_trailers()
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("grpc", appProtocol: "kubernetes.io/h2c");
        var ingress = await fixture.CreateIngressAsync(new IngressSpec { Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "grpc"))] });
        using var client = IngressFixture.Client(ingress);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://a.test/package.Service/Method")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([1, 2, 3]),
        };
        request.Headers.TE.ParseAdd("trailers");

        using var response = await client.SendAsync(request, Token);
        var body = await response.Content.ReadAsByteArrayAsync(Token);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("HTTP/2", Encoding.ASCII.GetString(body).Split('\n')[1]);
        Assert.Equal([1, 2, 3], body[^3..]);
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Theory]
    [InlineData("ws", "1.1")]
    [InlineData("wss", "2.0")]
    public async Task WebSockets_pass_over_either_version_of_HTTP(string scheme, string version)
    {
        await using var fixture = new IngressFixture();
        await fixture.CreateServiceAsync("web");
        var ingress = await fixture.CreateIngressAsync(new IngressSpec { Rules = [IngressFixture.Rule("a.test", ("/", "Prefix", "web"))] });
        using var client = IngressFixture.Client(ingress);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        await socket.ConnectAsync(new Uri($"{scheme}://a.test/echo"), client, Token);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Token);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, Token);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Token);

        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, received.Count));
    }

    private static Secret Certificate(string name, string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return new Secret
        {
            Metadata = new ObjectMeta { Name = name, Namespace = "default" },
            Type = "kubernetes.io/tls",
            Data = new Dictionary<string, ReadOnlyMemory<byte>>
            {
                ["tls.crt"] = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()),
                ["tls.key"] = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()),
            },
        };
    }
}
