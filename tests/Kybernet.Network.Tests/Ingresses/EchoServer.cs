using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Tests.Ingresses;

/// <summary>A backend that answers with its name, the host, the path and the headers that it was asked with; that echoes WebSockets and sends trailers.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<string> _requests = [];

    private EchoServer(WebApplication application, string name)
    {
        _application = application;
        application.Run(context => AnswerAsync(context, name));
    }

    public int Port => new Uri(_application.Urls.First()).Port;

    /// <summary>The requests that have been read: their method, host, path and body.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public static async Task<EchoServer> StartAsync(string name, bool isHttp2, CancellationToken cancellationToken, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback,
            0,
            listen =>
            {
                listen.Protocols = isHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate, static https =>
                    {
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            }));
        var application = builder.Build();
        application.UseWebSockets();
        var server = new EchoServer(application, name);
        await application.StartAsync(cancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, string name)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            await EchoAsync(context);
            return;
        }
        if (context.Request.Headers.ContainsKey("X-Wait"))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }
        if (context.Request.Protocol == "HTTP/2")
        {
            context.Response.DeclareTrailer("grpc-status");
        }
        await context.Response.WriteAsync($"{name}\n{context.Request.Protocol}\n{context.Request.Host}\n{context.Request.Path}{context.Request.QueryString}\n", context.RequestAborted);
        if (context.Connection.ClientCertificate is { } shown)
        {
            await context.Response.WriteAsync($"client {shown.Subject}\n", context.RequestAborted);
        }
        foreach (var (header, value) in context.Request.Headers)
        {
            await context.Response.WriteAsync($"{header}: {value}\n", context.RequestAborted);
        }
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        await context.Response.Body.WriteAsync(body.ToArray(), context.RequestAborted);
        _requests.Enqueue($"{context.Request.Method} {context.Request.Host}{context.Request.Path} {Encoding.ASCII.GetString(body.ToArray())}");
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
