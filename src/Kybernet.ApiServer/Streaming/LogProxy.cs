using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Streaming;

/// <summary>Passes a container's logs on from its kubelet, each piece as soon as it comes.</summary>
/// <param name="kubelets">The way there.</param>
internal sealed class LogProxy(KubeletConnections kubelets)
{
    private const int MaxErrorBytes = 50_000;
    private const string Base64Protocol = "base64.binary.k8s.io";
    private static readonly string[] SocketProtocols = ["binary.k8s.io", Base64Protocol];

    /// <summary>Asks the kubelet and, if it has logs, returns what will pass them on.</summary>
    /// <exception cref="ApiError">The kubelet refused, in its own words.</exception>
    public async Task<ApiResponse> OpenAsync(ApiRequest request, Uri location, CancellationToken cancellationToken)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, location);
        var response = await kubelets.SendAsync(question, !PodLocator.IsOn(request.Query, "insecureSkipTLSVerifyBackend"), cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                throw await RefusalAsync(response, request.Info.Name, cancellationToken);
            }
        }
        if (request.Headers is not { } headers || !WebSocketUpgrade.IsWebSocket(headers))
        {
            return new ConnectionResponse((context, token) => PassOnAsync(response, context, token));
        }
        var offered = WebSocketUpgrade.Offered(headers);
        var protocol = offered.Length == 0 ? "" : Array.Find(SocketProtocols, offered.Contains);
        if (protocol is null)
        {
            response.Dispose();
            throw ApiError.BadRequest("unable to upgrade: none of the offered WebSocket subprotocols is supported");
        }
        return new ConnectionResponse((context, token) => PassOnInMessagesAsync(response, context, protocol, token));
    }

    /// <summary>What a kubelet's refusal means to the client.</summary>
    public static async Task<ApiError> RefusalAsync(HttpResponseMessage response, string podName, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxErrorBytes];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var text = Encoding.UTF8.GetString(buffer, 0, length).Trim();
        return (int)response.StatusCode switch
        {
            400 => ApiError.BadRequest(text),
            404 => ApiError.Of(404, "NotFound", $"the server could not find the requested resource ( pods/log {podName})"),
            500 => ApiError.Internal(text),
            var code => ApiError.Of(code, "", text.Length > 0 ? text : $"the kubelet answered {code}"),
        };
    }

    private static async Task PassOnAsync(HttpResponseMessage response, HttpContext context, CancellationToken cancellationToken)
    {
        using (response)
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentType = "text/plain";
            context.Response.Headers.CacheControl = "no-cache, private";
            await context.Response.StartAsync(cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
            try
            {
                await using var logs = await response.Content.ReadAsStreamAsync(cancellationToken);
                await StreamCopy.RunAsync(logs, context.Response.Body, cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The kubelet went away in the middle: the client has to see that this is not the end of the logs.
                context.Abort();
            }
        }
    }

    /// <summary>Each piece is a message. An empty one comes first: it tells the client that there will be logs.</summary>
    private static async Task PassOnInMessagesAsync(HttpResponseMessage response, HttpContext context, string protocol, CancellationToken cancellationToken)
    {
        using (response)
        {
            using var socket = await WebSocketUpgrade.AcceptAsync(context, protocol);
            var isText = protocol == Base64Protocol;
            var type = isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
            try
            {
                await socket.SendAsync(ReadOnlyMemory<byte>.Empty, type, endOfMessage: true, cancellationToken);
                await using var logs = await response.Content.ReadAsStreamAsync(cancellationToken);
                int read;
                while ((read = await logs.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    var piece = isText ? Encoding.ASCII.GetBytes(Convert.ToBase64String(buffer, 0, read)) : buffer.AsMemory(0, read);
                    await socket.SendAsync(piece, type, endOfMessage: true, cancellationToken);
                }
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or WebSocketException)
            {
                // One of the two went away: without a closing message the client sees that this is not the end of the logs.
                context.Abort();
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
