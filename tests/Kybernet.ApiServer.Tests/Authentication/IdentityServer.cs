using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Hosting;
using Kybernet.ApiServer.Tests.Hosting;
using Kybernet.ApiServer.Tests.Streaming;

namespace Kybernet.ApiServer.Tests.Authentication;

/// <summary>An API server on HTTPS that is told by flags, whose values may be files, whom to believe. What it makes goes when it is disposed.</summary>
internal sealed class IdentityServer : IAsyncDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly DirectoryInfo _folder;
    private readonly TestServer _server;

    private IdentityServer(DirectoryInfo folder, TestServer server) => (_folder, _server) = (folder, server);

    /// <summary>A way in as a user who may do anything.</summary>
    public TestServer Server => _server;

    /// <summary>Who signs the certificates of front proxies.</summary>
    public static X509Certificate2 ProxyAuthority { get; } = StreamingServer.Certificate("CN=proxy-ca", null, "");

    /// <summary>Starts one.</summary>
    /// <param name="flags">Flags with their values.</param>
    /// <param name="files">Flags with what the files hold that they name.</param>
    public static async Task<IdentityServer> StartAsync(Dictionary<string, string>? flags = null, Dictionary<string, string>? files = null)
    {
        var folder = Directory.CreateTempSubdirectory("kybernet-identity-");
        var all = new Dictionary<string, string>(flags ?? []);
        foreach (var (flag, text) in files ?? [])
        {
            all[flag] = Path.Combine(folder.FullName, flag.TrimStart('-'));
            await File.WriteAllTextAsync(all[flag], text, TestContext.Current.CancellationToken);
        }
        try
        {
            var server = await TestServer.StartAsync(configure: options => ApiServerFlags.Apply(
                TestServer.Quiet(options) with { Listen = new ListenOptions(IPAddress.Loopback, 0, ServerCertificate.For("server")), FrontProxyAuthorities = [ProxyAuthority] },
                all));
            return new IdentityServer(folder, server);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>The file that a flag names.</summary>
    public string FileOf(string flag) => Path.Combine(_folder.FullName, flag.TrimStart('-'));

    /// <summary>Who the server takes somebody to be.</summary>
    /// <returns>The answer's code, and the user.</returns>
    public async Task<(int Code, JsonNode User)> WhoAsync(string authorization = "", X509Certificate2? certificate = null, params (string Name, string Value)[] headers)
    {
        var (code, body) = await AskAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""", authorization, certificate, headers);
        return (code, body["status"] is JsonObject status ? status["userInfo"]! : body);
    }

    /// <summary>Sends a request.</summary>
    public async Task<(int Code, JsonNode Body)> AskAsync(
        HttpMethod method, string path, string body, string authorization = "", X509Certificate2? certificate = null, params (string Name, string Value)[] headers)
    {
        var tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        if (certificate is not null)
        {
            tls.ClientCertificates = [certificate];
        }
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = tls });
        using var request = new HttpRequestMessage(method, $"https://127.0.0.1:{_server.Host.Port}{path}");
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }
        foreach (var (name, value) in headers.Append(("Authorization", authorization)).Where(static header => header.Item2.Length > 0))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }

    /// <summary>A client's certificate that an authority signed.</summary>
    public static X509Certificate2 Client(string subject, X509Certificate2 authority) => StreamingServer.Certificate(subject, authority, ClientAuthentication);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
