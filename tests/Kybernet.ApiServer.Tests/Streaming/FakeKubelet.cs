using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kybernet.ApiServer.Streaming.Spdy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Kybernet.ApiServer.Tests.Streaming;

/// <summary>
/// A kubelet whose every container runs the same script: it answers its input in upper case on its output, says "bye" on its errors when the input
/// ends, and exits with code 3. Ports echo what they are sent.
/// </summary>
internal sealed class FakeKubelet : IAsyncDisposable
{
    private const string ExitThree =
        """{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""";

    private readonly WebApplication _application;

    private FakeKubelet(WebApplication application, int port)
    {
        _application = application;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The path and query of each request, and whether it came with a client certificate.</summary>
    public List<(string Target, bool HasCertificate)> Requests { get; } = [];

    /// <summary>The sizes that terminals were set to.</summary>
    public List<string> Sizes { get; } = [];

    public static async Task<FakeKubelet> StartAsync(X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = static (_, _, _) => true,
            });
        }));
        var application = builder.Build();
        FakeKubelet? kubelet = null;
        application.Run(context => kubelet!.AnswerAsync(context));
        await application.StartAsync(cancellationToken);
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return kubelet = new FakeKubelet(application, new Uri(address).Port);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        lock (Requests)
        {
            Requests.Add(($"{context.Request.Path}{context.Request.QueryString}", context.Connection.ClientCertificate is not null));
        }
        switch (context.Request.Path.Value!.Split('/')[1])
        {
            case "containerLogs" when context.Request.Query.ContainsKey("previous"):
                context.Response.StatusCode = 400;
                await context.Response.WriteAsync("previous terminated container \"c\" in pod \"web\" not found", context.RequestAborted);
                break;
            case "containerLogs":
                await context.Response.WriteAsync("one\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await context.Response.WriteAsync("two\n", context.RequestAborted);
                break;
            case "echo":
                await EchoRequestAsync(context);
                break;
            case "page":
                context.Response.ContentType = "text/html; charset=utf-8";
                await context.Response.WriteAsync("<a href=\"/next?a=1&amp;b\">ä</a><a href=near>", context.RequestAborted);
                break;
            case "moved":
                context.Response.Redirect("/elsewhere/");
                break;
            case "portForward":
                await RunAsync(context, "portforward.k8s.io", EchoAsync);
                break;
            default:
                await RunAsync(context, "v4.channel.k8s.io", CommandAsync);
                break;
        }
    }

    /// <summary>Says what it was asked, with what body and which headers; where an upgrade is asked for, sends back what comes.</summary>
    private static async Task EchoRequestAsync(HttpContext context)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>()!;
        if (upgrade.IsUpgradableRequest)
        {
            context.Response.Headers.Upgrade = context.Request.Headers.Upgrade;
            await using var stream = await upgrade.UpgradeAsync();
            var buffer = new byte[16];
            var read = await stream.ReadAsync(buffer, context.RequestAborted);
            await stream.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            return;
        }
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers["X-Seen"] = string.Join(',', context.Request.Headers.Keys);
        await context.Response.WriteAsync($"{context.Request.Method} {target} {body}", context.RequestAborted);
    }

    private static async Task RunAsync(HttpContext context, string protocol, Func<SpdyPeer, CancellationToken, Task> script)
    {
        context.Response.Headers.Upgrade = "SPDY/3.1";
        context.Response.Headers["X-Stream-Protocol-Version"] = protocol;
        await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        try
        {
            await script(new SpdyPeer(stream), context.RequestAborted);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The server went: what the test looks at is on its side.
        }
    }

    private async Task CommandAsync(SpdyPeer peer, CancellationToken cancellationToken)
    {
        while (await peer.ReadAsync(cancellationToken) is { } frame)
        {
            var name = peer.NameOf(frame.StreamId);
            if (name == "resize" && frame.Payload.Length > 0)
            {
                lock (Sizes)
                {
                    Sizes.Add(Encoding.UTF8.GetString(frame.Payload));
                }
            }
            if (name != "stdin")
            {
                continue;
            }
            if (frame.Payload.Length > 0)
            {
                await peer.SendAsync("stdout", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(frame.Payload).ToUpperInvariant()), false, cancellationToken);
            }
            if (frame.IsFinal)
            {
                await peer.SendAsync("stderr", "bye"u8.ToArray(), false, cancellationToken);
                await peer.SendAsync("error", Encoding.UTF8.GetBytes(ExitThree), true, cancellationToken);
                await peer.SendAsync("stdout", [], true, cancellationToken);
                await peer.SendAsync("stderr", [], true, cancellationToken);
                return;
            }
        }
    }

    private static async Task EchoAsync(SpdyPeer peer, CancellationToken cancellationToken)
    {
        while (await peer.ReadAsync(cancellationToken) is { } frame)
        {
            if (peer.NameOf(frame.StreamId) == "data")
            {
                await peer.SendAsync(frame.StreamId, frame.Payload, frame.IsFinal, cancellationToken);
            }
        }
    }
}

/// <summary>The server's side of SPDY/3.1, as much as the scripts need; it inflates headers with an inflater that is not the code under test.</summary>
internal sealed class SpdyPeer(Stream transport)
{
    private readonly Dictionary<int, string> _names = [];
    private readonly SpdyHeaderReader _headers = new();
    private readonly SpdyHeaderEncoder _replies = new();

    public string NameOf(int streamId) => _names.GetValueOrDefault(streamId, "");

    /// <summary>The next data frame; null at the end. Streams that are opened are accepted on the way.</summary>
    public async Task<(int StreamId, byte[] Payload, bool IsFinal)?> ReadAsync(CancellationToken cancellationToken)
    {
        var header = new byte[8];
        while (await transport.ReadAtLeastAsync(header, 8, throwOnEndOfStream: false, cancellationToken) == 8)
        {
            var first = BinaryPrimitives.ReadUInt32BigEndian(header);
            var payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & 0xffffff];
            await transport.ReadExactlyAsync(payload, cancellationToken);
            if ((first & 0x80000000) == 0)
            {
                return ((int)first, payload, (header[4] & 1) != 0);
            }
            if ((first & 0xffff) == 1)
            {
                var id = BinaryPrimitives.ReadInt32BigEndian(payload);
                _names[id] = _headers.Read(payload.AsSpan(10))["streamtype"];
                var reply = new System.Buffers.ArrayBufferWriter<byte>();
                _replies.Encode([], reply); // stock clients inflate it, and so try the encoder
                await WriteAsync([0x80, 3, 0, 2, 0, 0, 0, (byte)(4 + reply.WrittenCount), .. payload.AsSpan(0, 4), .. reply.WrittenSpan], cancellationToken);
            }
        }
        return null;
    }

    public Task SendAsync(string name, byte[] payload, bool isFinal, CancellationToken cancellationToken) =>
        _names.Where(pair => pair.Value == name).Select(pair => pair.Key).ToArray() is [var id] ? SendAsync(id, payload, isFinal, cancellationToken) : Task.CompletedTask;

    public Task SendAsync(int id, byte[] payload, bool isFinal, CancellationToken cancellationToken)
    {
        var frame = new byte[8 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, id);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), payload.Length);
        frame[4] = isFinal ? (byte)1 : (byte)0;
        payload.CopyTo(frame, 8);
        return WriteAsync(frame, cancellationToken);
    }

    private async Task WriteAsync(byte[] frame, CancellationToken cancellationToken)
    {
        await transport.WriteAsync(frame, cancellationToken);
        await transport.FlushAsync(cancellationToken);
    }
}
