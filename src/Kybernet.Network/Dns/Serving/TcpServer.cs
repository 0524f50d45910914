using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Kybernet.Network.Dns.Serving;

/// <summary>Answers over TCP: what has no room in a datagram, and whoever prefers it. A connection may ask any number of questions.</summary>
internal sealed class TcpServer : IDisposable
{
    private const int MaxConnections = 1000;

    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly SemaphoreSlim _room = new(MaxConnections);

    /// <exception cref="SocketException">The port is taken.</exception>
    public TcpServer(IPEndPoint listen)
    {
        _socket = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(listen);
            _socket.Listen();
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Answers until cancelled.</summary>
    public async Task RunAsync(QueryHandler handler, DnsMetrics metrics, TimeProvider time, CancellationToken cancellationToken)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                await _room.WaitAsync(cancellationToken);
                var client = await _socket.AcceptAsync(cancellationToken);
                connections.RemoveAll(static connection => connection.IsCompleted);
                connections.Add(ServeAsync(client, handler, metrics, time, cancellationToken));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _room.Dispose();
    }

    private async Task ServeAsync(Socket client, QueryHandler handler, DnsMetrics metrics, TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            client.NoDelay = true;
            var address = ((IPEndPoint)client.RemoteEndPoint!).Address;
            await using var stream = new NetworkStream(client, ownsSocket: true);
            var buffer = new byte[2 + ushort.MaxValue];
            while (await ReadAsync(stream, time, cancellationToken) is { } message)
            {
                var length = handler.Handle(message, isStream: true, buffer.AsSpan(2), metrics);
                if (length == QueryHandler.Deferred)
                {
                    var response = await handler.HandleAsync(message, isStream: true, address, metrics, cancellationToken);
                    response.CopyTo(buffer.AsMemory(2));
                    length = response.Length;
                }
                if (length == 0)
                {
                    return;
                }
                BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
                await stream.WriteAsync(buffer.AsMemory(0, length + 2), cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The client went away, was silent for too long, or everything ends: so does the connection.
        }
        finally
        {
            client.Dispose();
            _room.Release();
        }
    }

    /// <summary>The next question; null where the client has ended the connection.</summary>
    private static async Task<byte[]?> ReadAsync(NetworkStream stream, TimeProvider time, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, either.Token) < head.Length)
        {
            return null;
        }
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(message, either.Token);
        return message;
    }
}
