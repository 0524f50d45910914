using System.Net;
using System.Net.Security;
using Kybernet.Network.Ingresses.Backends;
using Kybernet.Network.Ingresses.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Kybernet.Network.Ingresses.Proxying;

/// <summary>
/// Routes a request and forwards it. YARP forwards; the routing is ours, since hosts and paths of Ingresses match otherwise than YARP's routes do, and
/// a change of one of many hosts should cost as much as that host.
/// </summary>
internal sealed class ProxyHandler : IDisposable
{
    private const int MaxAttempts = 3;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly IHttpForwarder _forwarder;
    private readonly IngressIndex _index;
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        ActivityHeadersPropagator = null, // trace headers are the client's and the backend's business
        ConnectTimeout = ConnectTimeout,
        // Pods have certificates for names that nobody calls them by here, as far as they have any.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
    });

    public ProxyHandler(IHttpForwarder forwarder, IngressIndex index) => (_forwarder, _index) = (forwarder, index);

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        var backend = _index.Table.Find(context.Request.Host.Host, context.Request.Path.Value is { Length: > 0 } path ? path : "/");
        if (backend is null)
        {
            return RefuseAsync(context, StatusCodes.Status404NotFound);
        }
        var state = backend.State;
        return state.Endpoints.Count == 0
            ? RefuseAsync(context, StatusCodes.Status503ServiceUnavailable)
            : ForwardAsync(context, state, backend.Next());
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Tries one endpoint after another, as long as none could be connected to: nothing of the request has been sent until then.</summary>
    private async Task ForwardAsync(HttpContext context, BackendState state, uint first)
    {
        var attempts = Math.Min(MaxAttempts, state.Endpoints.Count);
        for (var attempt = 0; ; attempt++)
        {
            var endpoint = state.Endpoints[(int)((first + (uint)attempt) % (uint)state.Endpoints.Count)];
            var error = await _forwarder.SendAsync(context, endpoint, _client, state.Request, ForwardedHeaders.Instance);
            if (error == ForwarderError.None || attempt + 1 == attempts || context.Response.HasStarted || !CouldNotConnect(context))
            {
                return;
            }
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.Clear();
        }
    }

    private static bool CouldNotConnect(HttpContext context) =>
        context.Features.Get<IForwarderErrorFeature>()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }
            or HttpRequestException { InnerException: OperationCanceledException or System.Net.Sockets.SocketException };

    private static Task RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            status == StatusCodes.Status404NotFound ? "no Ingress has this host and path\n" : "no endpoint of the backend is ready\n", context.RequestAborted);
    }
}
