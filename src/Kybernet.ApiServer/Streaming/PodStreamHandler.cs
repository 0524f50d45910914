using Kybernet.Api;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Streaming.Spdy;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Streaming;

/// <summary>Serves what only a pod's kubelet has: <c>log</c>, <c>exec</c>, <c>attach</c> and <c>portforward</c>.</summary>
/// <remarks>
/// Kubelets speak SPDY/3.1. Clients that do so too are joined to them byte by byte; those that speak WebSocket have their channels translated, or,
/// for port forwarding, carry SPDY inside their messages.
/// </remarks>
/// <param name="locator">Finds the kubelet.</param>
/// <param name="kubelets">The way there.</param>
/// <param name="time">The clock.</param>
internal sealed class PodStreamHandler(PodLocator locator, KubeletConnections kubelets, TimeProvider time) : ISubresourceHandler
{
    private const string PortForwardProtocol = "portforward.k8s.io";
    private const string TunnelProtocol = "SPDY/3.1+portforward.k8s.io";
    private const string CommandProtocol = "v4.channel.k8s.io";

    private readonly LogProxy _logs = new(kubelets);

    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; } =
        [(RbacResources.Pods, "log"), (RbacResources.Pods, "exec"), (RbacResources.Pods, "attach"), (RbacResources.Pods, "portforward")];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (request.Info.Subresource == "log")
        {
            return locator.Logs(request.Info, request.Query) is { } location
                ? await _logs.OpenAsync(request, location, cancellationToken)
                : BodyResponse.Text(200, "");
        }
        var headers = request.Headers ?? throw ApiError.BadRequest("Upgrade request required");
        var isPortForward = request.Info.Subresource == "portforward";
        var streams = isPortForward ? null : RemoteStreams.Of(request.Query);
        var target = streams is null ? locator.PortForward(request.Info, request.Query) : locator.RemoteCommand(request.Info, request.Query, streams);
        if (WebSocketUpgrade.IsWebSocket(headers))
        {
            return streams is null
                ? await TunnelAsync(request, headers, target, cancellationToken)
                : await TranslateAsync(request, headers, target, streams, cancellationToken);
        }
        return WebSocketUpgrade.IsSpdy(headers)
            ? await JoinAsync(request, headers, target, cancellationToken)
            : throw ApiError.BadRequest("Upgrade request required");
    }

    /// <summary>The client speaks SPDY: whatever it says is the kubelet's to understand.</summary>
    private async Task<ApiResponse> JoinAsync(ApiRequest request, IHeaderDictionary headers, Uri target, CancellationToken cancellationToken)
    {
        var protocols = headers["X-Stream-Protocol-Version"].OfType<string>().ToArray();
        var kubelet = await KubeletUpgrade.ConnectAsync(kubelets, target, protocols, request.Info.Name, cancellationToken);
        return new ConnectionResponse(async (context, token) =>
        {
            await using (kubelet)
            {
                await using var client = await WebSocketUpgrade.AcceptSpdyAsync(context, kubelet.Protocol);
                await ByteTunnel.RunAsync(client, kubelet.Stream, token);
            }
        });
    }

    /// <summary>The client carries SPDY in WebSocket messages.</summary>
    private async Task<ApiResponse> TunnelAsync(ApiRequest request, IHeaderDictionary headers, Uri target, CancellationToken cancellationToken)
    {
        if (!WebSocketUpgrade.Offered(headers).Contains(TunnelProtocol))
        {
            throw ApiError.BadRequest($"unable to upgrade: the only supported WebSocket subprotocol is {TunnelProtocol}");
        }
        var kubelet = await KubeletUpgrade.ConnectAsync(kubelets, target, [PortForwardProtocol], request.Info.Name, cancellationToken);
        return new ConnectionResponse(async (context, token) =>
        {
            await using (kubelet)
            {
                await using var client = new TunnelStream(await WebSocketUpgrade.AcceptAsync(context, TunnelProtocol));
                await ByteTunnel.RunAsync(client, kubelet.Stream, token);
            }
        });
    }

    /// <summary>The client speaks of channels in WebSocket messages.</summary>
    private async Task<ApiResponse> TranslateAsync(
        ApiRequest request, IHeaderDictionary headers, Uri target, RemoteStreams streams, CancellationToken cancellationToken)
    {
        var protocol = ChannelProtocol.Choose(WebSocketUpgrade.Offered(headers))
            ?? throw ApiError.BadRequest("unable to upgrade: none of the offered WebSocket subprotocols is supported");
        var kubelet = await KubeletUpgrade.ConnectAsync(kubelets, target, [CommandProtocol], request.Info.Name, cancellationToken);
        return new ConnectionResponse(async (context, token) =>
        {
            await using (kubelet)
            {
                using var socket = await WebSocketUpgrade.AcceptAsync(context, protocol.Name);
                await using var spdy = new SpdyConnection(kubelet.Stream);
                await new RemoteCommandSession(socket, protocol, spdy, streams, time).RunAsync(token);
            }
        });
    }
}
