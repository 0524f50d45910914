using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Network.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Services.Health;

/// <summary>Serves a proxy's <c>/healthz</c> (for load balancers: is the node to get traffic), <c>/livez</c>, <c>/metrics</c> and <c>/proxyMode</c>.</summary>
internal sealed class ProxyStatusServer(ProxyActivity activity, TimeProvider time)
{
    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    public Task<WebApplication> StartAsync(IEnumerable<IPEndPoint> addresses, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        PlainServer.StartAsync(addresses, AnswerAsync, loggers, cancellationToken);

    private Task AnswerAsync(HttpContext context)
    {
        var (isAlive, isEligible, lastSynced) = activity.Health();
        switch (context.Request.Path.Value)
        {
            case "/healthz":
                return TellAsync(context, isAlive && isEligible, isEligible, lastSynced);
            case "/livez":
                return TellAsync(context, isAlive, isEligible, lastSynced);
            case "/metrics":
                var text = new StringBuilder();
                activity.Write(text);
                context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                return context.Response.WriteAsync(text.ToString(), context.RequestAborted);
            case "/proxyMode":
                return context.Response.WriteAsync("nftables", context.RequestAborted);
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    private Task TellAsync(HttpContext context, bool isRight, bool isEligible, DateTimeOffset lastSynced)
    {
        var json = new JsonObject
        {
            ["lastUpdated"] = JsonValue.Create(lastSynced.ToString("O", CultureInfo.InvariantCulture)),
            ["currentTime"] = JsonValue.Create(time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)),
            ["nodeEligible"] = JsonValue.Create(isEligible),
        };
        context.Response.StatusCode = isRight ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(json.ToJsonString(), context.RequestAborted);
    }
}
