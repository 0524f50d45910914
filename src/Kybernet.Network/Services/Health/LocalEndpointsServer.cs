using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Network.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Services.Health;

/// <summary>Tells a load balancer, at a Service's health check node port, whether this node has endpoints of it.</summary>
internal sealed class LocalEndpointsServer : IAsyncDisposable
{
    private readonly NamespacedName _service;
    private WebApplication? _application;
    private volatile int _endpoints;

    private LocalEndpointsServer(NamespacedName service, int port) => (_service, Port) = (service, port);

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <summary>How many endpoints are on this node.</summary>
    public int Endpoints
    {
        get => _endpoints;
        set => _endpoints = value;
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<LocalEndpointsServer> StartAsync(NamespacedName service, int port, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var server = new LocalEndpointsServer(service, port);
        server._application = await PlainServer.StartAsync([new IPEndPoint(IPAddress.IPv6Any, port)], server.AnswerAsync, loggers, cancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _application?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Task AnswerAsync(HttpContext context)
    {
        var count = _endpoints;
        var json = new JsonObject
        {
            ["service"] = new JsonObject { ["namespace"] = JsonValue.Create(_service.Namespace), ["name"] = JsonValue.Create(_service.Name) },
            ["localEndpoints"] = JsonValue.Create(count),
            ["serviceProxyHealthy"] = JsonValue.Create(true),
        };
        context.Response.StatusCode = count > 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["X-Load-Balancing-Endpoint-Weight"] = count.ToString(CultureInfo.InvariantCulture);
        return context.Response.WriteAsync(json.ToJsonString(), context.RequestAborted);
    }
}
