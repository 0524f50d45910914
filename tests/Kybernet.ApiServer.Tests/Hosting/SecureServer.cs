using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Hosting;
using Kybernet.ApiServer.Tests.Streaming;

namespace Kybernet.ApiServer.Tests.Hosting;

/// <summary>An API server on HTTPS, and a client that is its administrator. What it makes goes when it is disposed.</summary>
internal sealed class SecureServer : IAsyncDisposable
{
    private readonly TestServer _server;

    private SecureServer(TestServer server, HttpClient http) => (_server, Http) = (server, http);

    public HttpClient Http { get; }

    public static async Task<SecureServer> StartAsync(Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var authority = StreamingServer.Certificate("CN=ca", null, "");
        var client = StreamingServer.Certificate("O=system:masters,CN=admin", authority, "1.3.6.1.5.5.7.3.2");
        var server = await TestServer.StartAsync(configure: options =>
        {
            options = options with { Listen = new ListenOptions(IPAddress.Loopback, 0, ServerCertificate.For("server")), ClientAuthorities = [authority] };
            return configure?.Invoke(options) ?? options;
        });
        var tls = new SslClientAuthenticationOptions { ClientCertificates = [client], RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        return new SecureServer(server, new HttpClient(new SocketsHttpHandler { SslOptions = tls }) { BaseAddress = new Uri($"https://127.0.0.1:{server.Host.Port}") });
    }

    /// <summary>Sends a request.</summary>
    /// <returns>The answer, and what it warns of.</returns>
    public async Task<(int Code, JsonNode? Body, string[] Warnings)> AskAsync(HttpMethod method, string path, string body = "", string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        }
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var warnings = response.Headers.Warning.Select(static warning => warning.Text[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal)).ToArray();
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null, warnings);
    }

    /// <summary>Makes a namespace in which pods can be made.</summary>
    /// <returns>What was warned of.</returns>
    public async Task<string[]> NamespaceAsync(string name, string labels)
    {
        var (code, body, warnings) = await AskAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}","labels":{{{labels}}}}}""");
        Assert.True(code == 201, body?.ToJsonString());
        await AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{name}/serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}""");
        return warnings;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
    }
}
