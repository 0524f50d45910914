using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api.Core.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Kybernet.Client.Tests;

public sealed class HttpTransportTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("kubeconfig").FullName;
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;
    private WebApplication _server = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = _authority.ServerCertificate;
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
        })));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync(_cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_kubeconfig_with_a_client_certificate_speaks_http2_as_its_user()
    {
        var (certificate, key) = _authority.Issue("CN=alice");
        await using var transport = Transport($"client-certificate-data: {Base64(certificate)}\n    client-key-data: {Base64(key)}");
        var reply = await transport.SendAsync(new ApiCall(HttpMethod.Get, "/who"), _cancellation);
        Assert.Equal("CN=alice HTTP/2", System.Text.Encoding.UTF8.GetString(reply.Body.Span));
    }

    [Fact]
    public async Task A_certificate_in_a_file_is_shown_as_it_was_when_the_connection_was_made()
    {
        var file = Path.Combine(_directory, "client.pem");
        foreach (var user in (string[])["alice", "bob"])
        {
            var (certificate, key) = _authority.Issue("CN=" + user);
            await File.WriteAllTextAsync(file, certificate + "\n" + key, _cancellation);
            await using var transport = Transport("client-certificate: client.pem\n    client-key: client.pem");
            var reply = await transport.SendAsync(new ApiCall(HttpMethod.Get, "/who"), _cancellation);
            Assert.Equal($"CN={user} HTTP/2", System.Text.Encoding.UTF8.GetString(reply.Body.Span));
        }
    }

    [Fact]
    public void A_certificate_file_that_is_none_is_named()
    {
        File.WriteAllText(Path.Combine(_directory, "client.pem"), "none");
        var exception = Assert.Throws<KubeconfigException>(() => Transport("client-certificate: client.pem\n    client-key: client.pem"));
        Assert.Contains("client.pem", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_and_a_token_file_are_sent()
    {
        await using var transport = Transport("token: secret");
        Assert.Equal("Bearer secret", await TokenAsync(transport));
        await File.WriteAllTextAsync(Path.Combine(_directory, "token"), "from a file\n", _cancellation);
        await using var withFile = Transport("tokenFile: token");
        Assert.Equal("Bearer from a file", await TokenAsync(withFile));
    }

    [Fact]
    public async Task A_pod_connects_as_its_service_account()
    {
        var server = new Uri(_server.Urls.First());
        await File.WriteAllTextAsync(Path.Combine(_directory, "ca.crt"), _authority.Pem, _cancellation);
        await File.WriteAllTextAsync(Path.Combine(_directory, "namespace"), "work\n", _cancellation);
        foreach (var token in (string[])["first", "second"])
        {
            await File.WriteAllTextAsync(Path.Combine(_directory, "token"), token, _cancellation);
            var settings = Kubeconfig.OfAccount(_directory, server.Host, server.Port.ToString(null, null))!;
            await using var transport = new HttpTransport(settings, TimeProvider.System);
            Assert.Equal(("work", $"Bearer {token}"), (settings.Namespace, await TokenAsync(transport)));
        }
        Assert.Equal("https://[fd00::1]/", Kubeconfig.OfAccount(_directory, "fd00::1", "443")!.Server.ToString());
    }

    [Theory]
    [InlineData(null, "443")]
    [InlineData("10.0.0.1", "")]
    public void Outside_of_a_pod_there_is_no_service_account(string? host, string? port) => Assert.Null(Kubeconfig.OfAccount(_directory, host, port));

    [Fact]
    public async Task A_server_of_another_authority_is_not_trusted_unless_asked_to()
    {
        using var other = new TestAuthority();
        await using var transport = new HttpTransport(Settings() with { CertificateAuthority = other.Pem }, TimeProvider.System);
        await Assert.ThrowsAsync<ApiUnavailableException>(() => transport.SendAsync(new ApiCall(HttpMethod.Get, "/who"), _cancellation));
        await using var careless = new HttpTransport(Settings() with { CertificateAuthority = other.Pem, SkipTlsVerify = true }, TimeProvider.System);
        Assert.Equal(200, (await careless.SendAsync(new ApiCall(HttpMethod.Get, "/who"), _cancellation)).StatusCode);
    }

    [Fact]
    public async Task The_items_of_a_list_say_their_kind_whether_the_server_did_or_not()
    {
        await using var transport = new HttpTransport(Settings(), TimeProvider.System);
        var list = await transport.ListAsync(new ApiCall(HttpMethod.Get, "/api/v1/configmaps"), _cancellation);
        Assert.Equal(("7", "next"), (list.ResourceVersion, list.Continue));
        Assert.Equal(["""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}""", """{"metadata":{"name":"b"},"kind":"ConfigMap","apiVersion":"v1"}"""],
            list.Items.Select(item => System.Text.Encoding.UTF8.GetString(item.Json.Span)));
        Assert.Equal("a", list.Items[0].As<ConfigMap>().Metadata.Name);
    }

    [Fact]
    public async Task Watch_events_come_as_they_are_sent_however_they_are_cut_and_an_error_event_is_thrown()
    {
        await using var transport = new HttpTransport(Settings(), TimeProvider.System);
        var seen = new List<string>();
        var failure = await Assert.ThrowsAsync<ApiException>(async () =>
        {
            await foreach (var change in transport.WatchAsync(new ApiCall(HttpMethod.Get, "/watch"), _cancellation))
            {
                seen.Add($"{change.Type} {change.Object.Header.Name} {change.Object.Header.ResourceVersion}");
            }
        });
        Assert.Equal(["Added one 1", "Modified one 2", "Bookmark  3"], seen);
        Assert.True(failure.IsGone);
    }

    [Fact]
    public async Task A_failure_says_what_the_servers_status_says()
    {
        await using var transport = new HttpTransport(Settings(), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<ApiException>(() => new ApiClient(transport).GetAsync<Pod>("a", "missing", _cancellation));
        Assert.True(failure.IsNotFound);
        Assert.Equal("pods \"missing\" not found", failure.Message);
        await Assert.ThrowsAsync<ApiException>(async () =>
        {
            await foreach (var _ in transport.WatchAsync(new ApiCall(HttpMethod.Get, "/nowhere"), _cancellation))
            {
                Assert.Fail("there is nothing to watch");
            }
        });
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable()
    {
        await using var transport = new HttpTransport(new ConnectionSettings(new Uri("http://127.0.0.1:9")), TimeProvider.System);
        await Assert.ThrowsAsync<ApiUnavailableException>(() => transport.SendAsync(new ApiCall(HttpMethod.Get, "/"), _cancellation));
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/who":
                await context.Response.WriteAsync($"{(await context.Connection.GetClientCertificateAsync())?.Subject} {context.Request.Protocol}");
                break;
            case "/token":
                await context.Response.WriteAsync(context.Request.Headers.Authorization.ToString());
                break;
            case "/api/v1/configmaps":
                await context.Response.WriteAsync("""
                    {"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"next"},
                    "items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"},"kind":"ConfigMap","apiVersion":"v1"}]}
                    """);
                break;
            case "/watch":
                foreach (var part in (string[])[
                    """{"type":"ADDED","object":{"metadata":{"name":"o""", "ne\",\"resourceVersion\":\"1\"}}}\n",
                    "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"one\",\"resourceVersion\":\"2\"}}}\n{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"3\"}}}\n",
                    """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"""])
                {
                    await context.Response.WriteAsync(part);
                    await context.Response.Body.FlushAsync();
                }
                break;
            default:
                context.Response.StatusCode = 404;
                await context.Response.WriteAsync("""{"kind":"Status","code":404,"reason":"NotFound","message":"pods \"missing\" not found"}""");
                break;
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private async Task<string> TokenAsync(HttpTransport transport) =>
        System.Text.Encoding.UTF8.GetString((await transport.SendAsync(new ApiCall(HttpMethod.Get, "/token"), _cancellation)).Body.Span);

    private ConnectionSettings Settings() => new(new Uri(_server.Urls.First())) { CertificateAuthority = _authority.Pem };

    private HttpTransport Transport(string user)
    {
        var path = Path.Combine(_directory, "config");
        File.WriteAllText(path, $"""
            apiVersion: v1
            kind: Config
            current-context: main
            contexts:
            - name: main
              context: {"{"}cluster: here, user: me, namespace: work{"}"}
            clusters:
            - name: here
              cluster:
                server: {_server.Urls.First()}
                certificate-authority-data: {Base64(_authority.Pem)}
            users:
            - name: me
              user:
                {user}
            """);
        var settings = Kubeconfig.Load(path).Connection();
        Assert.Equal("work", settings.Namespace);
        Assert.DoesNotContain("secret", settings.ToString(), StringComparison.Ordinal);
        return new HttpTransport(settings, TimeProvider.System);
    }

    /// <summary>An authority for one test.</summary>
    private sealed class TestAuthority : IDisposable
    {
        private readonly X509Certificate2 _root;

        public TestAuthority()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            _root = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddHours(1));
            var (certificate, serverKey) = Issue("CN=server");
            ServerCertificate = X509Certificate2.CreateFromPem(certificate, serverKey);
        }

        public X509Certificate2 ServerCertificate { get; }

        public string Pem => _root.ExportCertificatePem();

        public (string Certificate, string Key) Issue(string subject)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            using var issued = request.Create(_root, _root.NotBefore, _root.NotAfter, RandomNumberGenerator.GetBytes(8));
            return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        }

        public void Dispose()
        {
            ServerCertificate.Dispose();
            _root.Dispose();
        }
    }
}
