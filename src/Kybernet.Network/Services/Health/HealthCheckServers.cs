using Kybernet.Api;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Services.Health;

/// <summary>Has a server at the health check node port of each Service that has one.</summary>
internal sealed partial class HealthCheckServers(ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Dictionary<NamespacedName, LocalEndpointsServer> _servers = [];
    private readonly ILogger _logger = loggers.CreateLogger<HealthCheckServers>();

    /// <summary>Says what a Service has on this node.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="port">Its health check node port; 0 where it has none.</param>
    /// <param name="endpoints">The number of its endpoints on this node.</param>
    /// <param name="cancellationToken">Ends the start of a server.</param>
    public async Task SetAsync(NamespacedName service, int port, int endpoints, CancellationToken cancellationToken)
    {
        if (_servers.TryGetValue(service, out var server) && server.Port != port)
        {
            _servers.Remove(service);
            await server.DisposeAsync();
            server = null;
        }
        if (port == 0)
        {
            return;
        }
        if (server is null)
        {
            try
            {
                server = await LocalEndpointsServer.StartAsync(service, port, loggers, cancellationToken);
            }
            catch (IOException exception)
            {
                LogTaken(service.ToString(), port, exception.Message);
                return; // tried again when the Service or its endpoints change
            }
            _servers[service] = server;
        }
        server.Endpoints = endpoints;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }
    }

    [LoggerMessage(LogLevel.Error, "The health check node port of {Service}, {Port}, cannot be served: {Reason}")]
    private partial void LogTaken(string service, int port, string reason);
}
