using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.ApiServer.Streaming;

/// <summary>Takes a client's connection over as a WebSocket, or as raw bytes after an upgrade.</summary>
internal static class WebSocketUpgrade
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Whether the request asks for a WebSocket.</summary>
    public static bool IsWebSocket(IHeaderDictionary headers) => Asks(headers, "websocket");

    /// <summary>Whether the request asks for SPDY.</summary>
    public static bool IsSpdy(IHeaderDictionary headers) => Asks(headers, "SPDY/3.1");

    /// <summary>The subprotocols that the client offers, in its order.</summary>
    public static string[] Offered(IHeaderDictionary headers) => headers.SecWebSocketProtocol
        .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .ToArray();

    /// <summary>Answers the handshake.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="subprotocol">The subprotocol that was chosen; empty for none.</param>
    public static async Task<WebSocket> AcceptAsync(HttpContext context, string subprotocol)
    {
        var key = context.Request.Headers.SecWebSocketKey.ToString();
        var response = context.Response.Headers;
        response.Upgrade = "websocket";
        response.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
        if (subprotocol.Length > 0)
        {
            response.SecWebSocketProtocol = subprotocol;
        }
        var stream = await FeatureOf(context).UpgradeAsync();
        // The handshake has named the subprotocol; the framework would refuse the slash in that of tunnels.
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
    }

    /// <summary>Answers an upgrade to SPDY.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="protocol">What is spoken inside; empty where nobody said.</param>
    public static Task<Stream> AcceptSpdyAsync(HttpContext context, string protocol)
    {
        context.Response.Headers.Upgrade = "SPDY/3.1";
        if (protocol.Length > 0)
        {
            context.Response.Headers["X-Stream-Protocol-Version"] = protocol;
        }
        return FeatureOf(context).UpgradeAsync();
    }

    private static bool Asks(IHeaderDictionary headers, string protocol) =>
        headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase)
        && string.Equals(headers.Upgrade.ToString(), protocol, StringComparison.OrdinalIgnoreCase);

    private static IHttpUpgradeFeature FeatureOf(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } feature
            ? feature
            : throw ApiError.BadRequest("Upgrade request required");
}
