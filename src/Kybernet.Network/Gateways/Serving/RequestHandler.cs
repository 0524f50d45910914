using Kybernet.Network.Gateways.Filters;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Ingresses.Backends;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>Answers requests: finds the rule, does what its filters say, and forwards to one of its backends.</summary>
internal sealed class RequestHandler(IHttpForwarder forwarder, TimeProvider time) : IAsyncDisposable
{
    private const int MaxAttempts = 3;

    private readonly HttpMessageInvoker _plain = BackendClient.Plain();
    private readonly MirrorSender _mirrors = new();

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        var port = context.Features.Get<GatewayPort>()!.Table;
        var host = context.Request.Host.Host;
        if (port.Listeners.Find(host) is not { } listener)
        {
            return Answers.NoRouteAsync(context);
        }
        if (port.IsTls && !ReferenceEquals(listener, port.Listeners.Find(context.Features.Get<ITlsHandshakeFeature>()?.HostName ?? "")))
        {
            return Answers.MisdirectedAsync(context);
        }
        return listener.Find(context.Request, host) is { } entry ? FollowAsync(context, entry, port.Number) : Answers.NoRouteAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        await _mirrors.DisposeAsync();
        _plain.Dispose();
    }

    private Task FollowAsync(HttpContext context, RouteEntry entry, int port)
    {
        var (match, rule) = (entry.Match, entry.Rule);
        if (rule.Filters.Cors is { } cors && CorsPolicy.IsPreflight(context.Request))
        {
            cors.AnswerPreflight(context);
            return Task.CompletedTask;
        }
        rule.Filters.RequestHeaders?.Apply(context.Request.Headers);
        if (rule.Filters.Redirect is { } redirect)
        {
            redirect.Answer(context, match, port);
            return Task.CompletedTask;
        }
        if (rule.Targets.Next() is not { Backend: not null } target)
        {
            return Answers.NoBackendAsync(context);
        }
        target.Filters.RequestHeaders?.Apply(context.Request.Headers);
        if (target.Filters.Redirect is { } elsewhere)
        {
            elsewhere.Answer(context, match, port);
            return Task.CompletedTask;
        }
        _mirrors.Send(context, rule.Filters.Mirrors, _plain);
        _mirrors.Send(context, target.Filters.Mirrors, _plain);
        var state = target.State;
        return state.Endpoints.Count == 0 ? Answers.NoEndpointAsync(context) : ForwardAsync(context, entry, target, state);
    }

    private async Task ForwardAsync(HttpContext context, RouteEntry entry, RouteTarget target, BackendState state)
    {
        var rule = entry.Rule;
        if (rule.RequestTimeout is null && rule.BackendTimeout is null)
        {
            await TryEndpointsAsync(context, entry, target, state, null, context.RequestAborted);
            return;
        }
        using var request = new Deadline(rule.RequestTimeout, time, context.RequestAborted);
        await TryEndpointsAsync(context, entry, target, state, rule.BackendTimeout, request.Token);
        var isTimedOut = !context.RequestAborted.IsCancellationRequested
            && context.Features.Get<IForwarderErrorFeature>()?.Exception is OperationCanceledException or TimeoutException;
        if (isTimedOut && !context.Response.HasStarted)
        {
            context.Response.Clear();
            await Answers.TimedOutAsync(context);
        }
    }

    /// <summary>Tries one endpoint after another, as long as none could be connected to: nothing of the request has been sent until then.</summary>
    private async Task TryEndpointsAsync(
        HttpContext context, RouteEntry entry, RouteTarget target, BackendState state, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var transformer = new GatewayTransformer(entry.Match, entry.Rule.Filters, target.Filters);
        var client = target.Tls?.Client(state.Request.Version?.Major == 2) ?? _plain;
        var attempts = Math.Min(MaxAttempts, state.Endpoints.Count);
        var first = target.Backend!.Next();
        for (var attempt = 0; ; attempt++)
        {
            var endpoint = state.Endpoints[(int)((first + (uint)attempt) % (uint)state.Endpoints.Count)];
            using var answer = new Deadline(timeout, time, cancellationToken);
            var error = await forwarder.SendAsync(context, endpoint, client, state.Request, transformer, answer.Token);
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
            or HttpRequestException { InnerException: System.Net.Sockets.SocketException };
}
