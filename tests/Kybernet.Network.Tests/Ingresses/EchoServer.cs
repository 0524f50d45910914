using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Tests.Ingresses;

/// <summary>A backend that answers with its name, the host, the path and the headers that it was asked with; that echoes WebSockets and sends trailers.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private EchoServer(WebApplication application) => _application = application;

    public int Port => new Uri(_application.Urls.First()).Port;

    public static async Task<EchoServer> StartAsync(string name, bool isHttp2, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.Protocols = isHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var application = builder.Build();
        application.UseWebSockets();
        application.Run(context => AnswerAsync(context, name));
        await application.StartAsync(cancellationToken);
        return new EchoServer(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, string name)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            await EchoAsync(context);
            return;
        }
        if (context.Request.Protocol == "HTTP/2")
        {
            context.Response.DeclareTrailer("grpc-status");
        }
        await context.Response.WriteAsync($"{name}\n{context.Request.Protocol}\n{context.Request.Host}\n{context.Request.Path}{context.Request.QueryString}\n", context.RequestAborted);
        foreach (var (header, value) in context.Request.Headers)
        {
            await context.Response.WriteAsync($"{header}: {value}\n", context.RequestAborted);
        }
        await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
        if (context.Request.Protocol == "HTTP/2")
        {
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
                return;
            }
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }
    }
}
