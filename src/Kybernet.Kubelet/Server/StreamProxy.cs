using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Kybernet.Kubelet.Server;

/// <summary>
/// Connects an upgraded request to a server on this machine, byte by byte:
/// 1. the request goes on with its own headers, to the address that the runtime gave out;
/// 2. a refusal is handed back as it is;
/// 3. an upgrade is handed back with the server's headers, and from then on whatever one side sends goes to the other;
/// 4. when one side has no more to say the other is told so, and when both have said all it is over.
/// </summary>
internal static class StreamProxy
{
    private const int BufferSize = 32 << 10;
    private const int MaxHeaderBytes = 64 << 10;

    /// <summary>Runs the session to its end.</summary>
    public static async Task RunAsync(HttpContext context, Uri target)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            throw new KubeletRequestException(StatusCodes.Status400BadRequest, "Upgrade request required");
        }
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(target.Host, target.Port, context.RequestAborted);
        await using var server = new NetworkStream(socket, ownsSocket: false);
        await server.WriteAsync(RequestHead(context.Request, target), context.RequestAborted);

        var (head, rest) = await ReadHeadAsync(server, context.RequestAborted);
        var lines = head.Split("\r\n");
        var statusCode = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        CopyHeaders(lines.AsSpan(1), context.Response, statusCode);
        if (statusCode != StatusCodes.Status101SwitchingProtocols)
        {
            context.Response.StatusCode = statusCode;
            await context.Response.Body.WriteAsync(rest, context.RequestAborted);
            await server.CopyToAsync(context.Response.Body, context.RequestAborted);
            return;
        }
        await using var client = await upgrade.UpgradeAsync();
        if (rest.Length > 0)
        {
            await client.WriteAsync(rest, context.RequestAborted);
            await client.FlushAsync(context.RequestAborted);
        }
        await ConnectAsync(client, server, socket, context.RequestAborted);
    }

    private static async Task ConnectAsync(Stream client, NetworkStream server, Socket socket, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var outward = PumpAsync(client, server, ending.Token);
        var inward = PumpAsync(server, client, ending.Token);
        if (await Task.WhenAny(outward, inward) == outward)
        {
            // The caller has said all; the server may still have to answer.
            await outward;
            if (socket.Connected)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
            await inward;
            return;
        }
        // The server is done: nothing that the caller says could matter.
        await ending.CancelAsync();
        await inward;
        await outward;
    }

    private static async Task PumpAsync(Stream source, Stream destination, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        try
        {
            while (await source.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await destination.FlushAsync(cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side hung up in the middle: that is how many sessions end.
        }
    }

    private static byte[] RequestHead(HttpRequest request, Uri target)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{request.Method} {target.PathAndQuery} HTTP/1.1\r\nHost: {target.Authority}\r\n");
        foreach (var (name, values) in request.Headers)
        {
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase) || name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || name[0] == ':')
            {
                continue;
            }
            foreach (var value in values)
            {
                head.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }
        head.Append("\r\n");
        return Encoding.Latin1.GetBytes(head.ToString());
    }

    private static async Task<(string Head, ReadOnlyMemory<byte> Body)> ReadHeadAsync(NetworkStream server, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHeaderBytes];
        var length = 0;
        while (true)
        {
            var read = await server.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                throw new KubeletRequestException(StatusCodes.Status502BadGateway, "the container runtime's streaming server hung up");
            }
            length += read;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return (Encoding.Latin1.GetString(buffer, 0, end), buffer.AsMemory(end + 4, length - end - 4));
            }
        }
    }

    private static void CopyHeaders(ReadOnlySpan<string> lines, HttpResponse response, int statusCode)
    {
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':');
            var name = colon < 0 ? "" : line[..colon];
            // How long the body is and how it is framed is this server's affair.
            var isOwn = name.Equals("Connection", StringComparison.OrdinalIgnoreCase) || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
                || (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && statusCode == StatusCodes.Status101SwitchingProtocols);
            if (name.Length > 0 && !isOwn)
            {
                response.Headers.Append(name, line[(colon + 1)..].Trim());
            }
        }
    }
}
