using System.IO.Pipelines;
using System.Net.Sockets;
using Kybernet.Network.Gateways.Routing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>Hands on what a connection carries to a backend of its TLS route, and back, without looking at it.</summary>
internal static class Splice
{
    private const int MaxAttempts = 3;

    /// <summary>Serves a connection until either side has nothing more to say.</summary>
    public static async Task RunAsync(ConnectionContext connection)
    {
        var name = connection.Features.Get<ServerName>()?.Name ?? connection.Features.Get<ITlsHandshakeFeature>()?.HostName ?? "";
        var table = connection.Features.Get<GatewayPort>()!.Table;
        if (table.Listeners.Find(name)?.Connections.Find(name)?.Next() is not { } target)
        {
            connection.Abort();
            return;
        }
        using var socket = await ConnectAsync(target, connection.ConnectionClosed);
        if (socket is null)
        {
            connection.Abort();
            return;
        }
        await using var stream = new NetworkStream(socket);
        try
        {
            await Task.WhenAll(SendAsync(connection.Transport.Input, stream, socket, connection.ConnectionClosed), ReceiveAsync(stream, connection));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionResetException)
        {
            connection.Abort(); // either side broke off: so does the other
        }
    }

    private static async Task<Socket?> ConnectAsync(RouteTarget target, CancellationToken cancellationToken)
    {
        var endpoints = target.State.Endpoints;
        for (var attempt = 0; attempt < Math.Min(MaxAttempts, endpoints.Count); attempt++)
        {
            var address = new Uri(endpoints[(int)(target.Backend!.Next() % (uint)endpoints.Count)]);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address.DnsSafeHost, address.Port, cancellationToken);
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }
        return null;
    }

    private static async Task SendAsync(PipeReader input, NetworkStream stream, Socket socket, CancellationToken cancellationToken)
    {
        await input.CopyToAsync(stream, cancellationToken);
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task ReceiveAsync(NetworkStream stream, ConnectionContext connection)
    {
        await stream.CopyToAsync(connection.Transport.Output, connection.ConnectionClosed);
        await connection.Transport.Output.CompleteAsync();
    }
}

/// <summary>The server name that was found in a connection's first message.</summary>
internal sealed record ServerName(string Name);
