using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>What backends are spoken to with.</summary>
public sealed class BackendProtocolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteBackendProtocolH2C")]
    public async Task A_backend_of_h2c_is_asked_in_HTTP_2_and_a_client_may_speak_it_without_TLS_too()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("h2c", appProtocol: "kubernetes.io/h2c", isHttp2: true);
        await fixture.CreateBackendAsync("http1");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("h2c", """
            - {matches: [{path: {value: /two}}], backendRefs: [{name: h2c, port: 8080}]}
            - {matches: [{path: {value: /one}}], backendRefs: [{name: http1, port: 8080}]}
            """));
        var client = await fixture.ServedAsync("web", "h2c");
        await client.BecomesAsync("http://a.test/two", "infra/h2c");

        Assert.Equal("HTTP/2", (await client.AskAsync("http://a.test/two")).Lines[1]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://a.test/one")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var answer = await client.SendAsync(request);
        Assert.Equal(("infra/http1", "HTTP/1.1", HttpVersion.Version20), (answer.Backend, answer.Lines[1], answer.Response.Version));
    }

    [Fact]
    [Trait("GatewayConformance", "HTTPRouteBackendProtocolWebSocket")]
    public async Task WebSockets_pass()
    {
        await using var fixture = new GatewayFixture();
        await fixture.CreateBackendAsync("ws", appProtocol: "kubernetes.io/ws");
        await fixture.ApplyAsync(Routes.Gateway);
        await fixture.ApplyAsync(Routes.Http("ws", Routes.To("ws")));
        var client = await fixture.ServedAsync("web", "ws");
        await client.BecomesAsync("http://a.test/", "infra/ws");
        using var invoker = new HttpMessageInvoker(client.Handler());
        using var socket = new ClientWebSocket();

        await socket.ConnectAsync(new Uri("ws://a.test/echo"), invoker, Token);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Token);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, Token);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Token);

        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, received.Count));
    }
}
