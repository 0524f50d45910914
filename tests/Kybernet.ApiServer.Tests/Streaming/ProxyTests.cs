using System.Net;
using System.Text;

namespace Kybernet.ApiServer.Tests.Streaming;

public sealed class ProxyTests : IAsyncLifetime
{
    private const string Prefix = "/api/v1/nodes/n1/proxy";

    private StreamingServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StreamingServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task Method_path_query_and_body_arrive_as_they_were_sent(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{Prefix}/echo/a%2Fb//c%20d/?watch=1&x=%26");
        request.Content = method == "GET" ? null : new StringContent("body");

        using var response = await _server.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(
            $"{method} /echo/a%2Fb//c%20d/?watch=1&x=%26 {(method == "GET" ? "" : "body")}", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Bodies_larger_than_any_object_pass()
    {
        var body = new string('x', 4 * 1024 * 1024);
        using var content = new StringContent(body);

        using var response = await _server.Http.PostAsync(new Uri($"{Prefix}/echo", UriKind.Relative), content, Token);

        Assert.Equal($"POST /echo {body}", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Credentials_and_headers_of_the_connection_stay_behind()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Prefix}/echo");
        request.Headers.TryAddWithoutValidation("Impersonate-User", "somebody");
        request.Headers.TryAddWithoutValidation("Impersonate-Group", "system:masters");
        request.Headers.TryAddWithoutValidation("Connection", "X-Private");
        request.Headers.TryAddWithoutValidation("X-Private", "1");
        request.Headers.TryAddWithoutValidation("X-Public", "1");

        using var response = await _server.Http.SendAsync(request, Token);

        var seen = response.Headers.GetValues("X-Seen").Single().Split(',');
        Assert.Contains("X-Public", seen);
        Assert.Contains("X-Forwarded-For", seen);
        Assert.Contains("X-Forwarded-Uri", seen);
        Assert.DoesNotContain("X-Private", seen);
        Assert.DoesNotContain("Impersonate-User", seen);
        Assert.DoesNotContain("Authorization", seen);
    }

    [Fact]
    public async Task Links_and_redirects_lead_back_through_the_proxy()
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = _server.Tls,
        })
        {
            BaseAddress = _server.Http.BaseAddress,
        };

        Assert.Equal(
            $"<a href=\"{Prefix}/next?a=1&amp;b\">ä</a><a href=near>", await client.GetStringAsync(new Uri($"{Prefix}/page", UriKind.Relative), Token));
        using var moved = await client.GetAsync(new Uri($"{Prefix}/moved", UriKind.Relative), Token);
        Assert.Equal($"{Prefix}/elsewhere/", moved.Headers.Location!.OriginalString);
        using var root = await client.GetAsync(new Uri($"{Prefix}?a=b", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.MovedPermanently, root.StatusCode);
        Assert.Equal($"{Prefix}/?a=b", root.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Upgraded_connections_are_joined()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Prefix}/echo");
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "anything/1");

        using var response = await _server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        await using var stream = await response.Content.ReadAsStreamAsync(Token);
        await stream.WriteAsync("there"u8.ToArray(), Token);
        await stream.FlushAsync(Token);
        var back = new byte[5];
        await stream.ReadExactlyAsync(back, Token);
        Assert.Equal("there", Encoding.ASCII.GetString(back));
    }

    [Theory]
    [InlineData("nodes/nobody/proxy/", 404, "nodes \\\"nobody\\\" not found")]
    [InlineData("nodes/ftp:n1:1/proxy/", 400, "invalid node request \\\"ftp:n1:1\\\"")]
    [InlineData("nodes/n1:1/proxy/", 400, "address not allowed")]
    [InlineData("namespaces/default/pods/nobody/proxy/", 404, "pods \\\"nobody\\\" not found")]
    [InlineData("namespaces/default/pods/waiting/proxy/", 400, "address not allowed")]
    [InlineData("namespaces/default/services/kubernetes:1/proxy/", 503, "no service port 1 found for service \\\"kubernetes\\\"")]
    public async Task What_cannot_be_reached_is_refused_in_upstreams_words(string path, int code, string message)
    {
        using var response = await _server.Http.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Token);

        Assert.Equal((HttpStatusCode)code, response.StatusCode);
        Assert.Contains(message, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }
}
