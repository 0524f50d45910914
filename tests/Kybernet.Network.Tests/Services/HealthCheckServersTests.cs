using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Network.Services.Health;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Network.Tests.Services;

public sealed class HealthCheckServersTests
{
    private static readonly NamespacedName Web = new("default", "web");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_load_balancer_is_told_whether_the_node_has_endpoints_until_the_Service_has_no_port_any_more()
    {
        var port = FreePort();
        await using var servers = new HealthCheckServers(NullLoggerFactory.Instance);
        await servers.SetAsync(Web, port, 2, Token);
        using var http = new HttpClient();
        using var healthy = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/"), Token);
        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
        Assert.Equal("2", healthy.Headers.GetValues("X-Load-Balancing-Endpoint-Weight").Single());
        var body = JsonNode.Parse(await healthy.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(("web", 2), ((string)body["service"]!["name"]!, (int)body["localEndpoints"]!));

        await servers.SetAsync(Web, port, 0, Token);
        using var unhealthy = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/"), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unhealthy.StatusCode);

        await servers.SetAsync(Web, 0, 0, Token);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://127.0.0.1:{port}/"), Token));
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
