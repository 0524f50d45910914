using System.Net;
using System.Text;
using Kybernet.Network.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Dns.Serving;

/// <summary>Serves <c>/metrics</c>, <c>/health</c> and <c>/ready</c>.</summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private MetricsServer(WebApplication application) => _application = application;

    /// <summary>The port that it listens on.</summary>
    public int Port => new Uri(_application.Urls.First()).Port;

    /// <summary>Starts it, on another port where the one that is wished for is taken.</summary>
    /// <exception cref="IOException">There is no port.</exception>
    public static async Task<MetricsServer> StartAsync(
        IPAddress address, int port, Action<StringBuilder> write, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            return await ListenAsync(address, port, write, loggers, cancellationToken);
        }
        catch (IOException) when (port != 0)
        {
            return await ListenAsync(address, 0, write, loggers, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static async Task<MetricsServer> ListenAsync(
        IPAddress address, int port, Action<StringBuilder> write, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        new(await PlainServer.StartAsync([new IPEndPoint(address, port)], context => AnswerAsync(context, write), loggers, cancellationToken));

    private static Task AnswerAsync(HttpContext context, Action<StringBuilder> write)
    {
        var text = new StringBuilder();
        switch (context.Request.Path.Value)
        {
            case "/metrics":
                write(text);
                context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                break;
            case "/health" or "/ready":
                text.Append("OK");
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
        return context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }
}
