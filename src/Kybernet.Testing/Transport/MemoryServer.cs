using Kybernet.ApiServer.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kybernet.Testing.Transport;

/// <summary>
/// Kestrel over connections in memory: real HTTP, and upgrades too, with no port and no certificate. A connection says by itself whose it is.
/// </summary>
internal sealed class MemoryServer : IAsyncDisposable
{
    private readonly MemoryListener _listener = new();
    private readonly KestrelServer _server;

    /// <summary>Makes one, which has yet to start.</summary>
    public MemoryServer(ILoggerFactory loggers)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null; // the API server has a limit, and an answer, of its own
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Listen(_listener.EndPoint, static endpoint => endpoint.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(Options.Create(options), _listener, loggers);
    }

    /// <summary>What answers the requests; set before there are any.</summary>
    public RequestDelegate Handle { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Begins to accept connections.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(new Application(this), cancellationToken);

    /// <summary>A handler whose connections all come from one user; the caller disposes of it.</summary>
    /// <param name="user">Who; null where requests have to prove it.</param>
    public SocketsHttpHandler CreateHandler(UserInfo? user)
    {
        var handler = new SocketsHttpHandler();
        Configure(handler, user);
        return handler;
    }

    /// <summary>Has a handler connect here, whatever the address that it is asked for.</summary>
    public void Configure(SocketsHttpHandler handler, UserInfo? user)
    {
        handler.UseProxy = false;
        handler.UseCookies = false;
        handler.AllowAutoRedirect = false;
        handler.ConnectCallback = (_, _) => ValueTask.FromResult(_listener.Connect(connection =>
        {
            if (user is not null)
            {
                connection.Features.Set(user);
            }
        }));
    }

    /// <summary>Ends every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
        _server.Dispose();
    }

    private sealed class Application(MemoryServer server) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => server.Handle(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
