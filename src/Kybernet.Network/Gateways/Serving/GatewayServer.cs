using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Kybernet.Network.Gateways.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>
/// Answers at the ports of all Gateways. Ports are opened and closed while it runs; what comes in is handed to one Kestrel, which has an endpoint for
/// each way of speaking (see <see cref="HandoverEndPoint"/>).
/// </summary>
internal sealed partial class GatewayServer : IAsyncDisposable
{
    private static readonly TimeSpan FirstMessageTimeout = TimeSpan.FromSeconds(30);

    private readonly HandoverEndPoint _http1 = new("http1");
    private readonly HandoverEndPoint _http2 = new("http2");
    private readonly HandoverEndPoint _https = new("https");
    private readonly HandoverEndPoint _passthrough = new("passthrough");
    private readonly HandoverEndPoint _terminated = new("terminated");
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SocketTransportFactory _sockets;
    private readonly WebApplication _application;
    private readonly RequestHandler _handler;

    private GatewayServer(TimeProvider time, ILoggerFactory loggers)
    {
        _time = time;
        _logger = loggers.CreateLogger<GatewayServer>();
        _sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        _application = Build(loggers);
        _handler = new RequestHandler(_application.Services.GetRequiredService<IHttpForwarder>(), time);
        _application.Run(_handler.HandleAsync);
    }

    /// <summary>Starts it, with no port open.</summary>
    public static async Task<GatewayServer> StartAsync(TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var server = new GatewayServer(time, loggers);
        try
        {
            await server._application.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a port that is free.</summary>
    public async Task<GatewayPort> OpenAsync(IPAddress address, PortTable table, CancellationToken cancellationToken)
    {
        var port = new GatewayPort(await _sockets.BindAsync(new IPEndPoint(address, 0), cancellationToken), table);
        port.Start(HandleAsync);
        return port;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        await _handler.DisposeAsync();
    }

    private WebApplication Build(ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton<IConnectionListenerFactory, HandoverListenerFactory>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // How large and how slow a request may be is for its backend to say.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(_http1, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(_http2, static listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(_https, listen => listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = FindCertificate }));
            kestrel.Listen(_passthrough, static listen => listen.Run(Splice.RunAsync));
            kestrel.Listen(_terminated, listen =>
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = FindCertificate });
                listen.Run(Splice.RunAsync);
            });
        });
        return builder.Build();
    }

    private static ValueTask<SslServerAuthenticationOptions> FindCertificate(TlsHandshakeCallbackContext context)
    {
        var name = context.ClientHelloInfo.ServerName;
        var listener = context.Connection.Features.Get<GatewayPort>()!.Table.Listeners.Find(name);
        return ValueTask.FromResult(listener?.Certificates.Find(name) ?? listener?.DefaultCertificate
            ?? throw new AuthenticationException($"no listener has a certificate for \"{name}\""));
    }

    /// <summary>Finds out who answers a connection, and hands it over.</summary>
    private async Task HandleAsync(ConnectionContext connection, GatewayPort port, CancellationToken closed)
    {
        try
        {
            connection.Features.Set(port);
            using var firstMessage = new Deadline(FirstMessageTimeout, _time, closed);
            if ((await ChooseAsync(connection, port.Table, firstMessage.Token)).TryHandOver(connection))
            {
                return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            LogNothingSaid(port.EndPoint, e.Message);
        }
        connection.Abort();
        await connection.DisposeAsync();
    }

    private async Task<HandoverEndPoint> ChooseAsync(ConnectionContext connection, PortTable table, CancellationToken cancellationToken)
    {
        if (!table.IsTls)
        {
            return await ConnectionPeek.IsHttp2Async(connection.Transport.Input, cancellationToken) ? _http2 : _http1;
        }
        if (!table.NeedsServerName)
        {
            return _https;
        }
        var name = await ConnectionPeek.ServerNameAsync(connection.Transport.Input, cancellationToken);
        var listener = table.Listeners.Find(name);
        if (listener?.IsPassthrough == true)
        {
            connection.Features.Set(new ServerName(name));
            return _passthrough;
        }
        return listener?.IsTerminated == true ? _terminated : _https;
    }

    [LoggerMessage(LogLevel.Debug, "A connection to {EndPoint} ended before it began: {Reason}")]
    private partial void LogNothingSaid(EndPoint endPoint, string reason);
}
