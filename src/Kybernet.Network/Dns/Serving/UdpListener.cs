using System.Net;
using System.Net.Sockets;

namespace Kybernet.Network.Dns.Serving;

/// <summary>
/// One of the sockets that share the UDP port, and its thread: the kernel spreads clients over them. The thread waits in the kernel, and answers what it
/// finds there in batches.
/// </summary>
internal sealed class UdpListener : IDisposable
{
    private const int SocketLevel = 1;
    private const int ReusePort = 15;
    private const int BufferSize = 4 << 20;

    private readonly Socket _socket;
    private readonly QueryHandler _handler;
    private readonly DeferredQueries _deferred;
    private readonly DnsMetrics _metrics;

    /// <exception cref="SocketException">The port is taken.</exception>
    public UdpListener(IPEndPoint listen, QueryHandler handler, DeferredQueries deferred, DnsMetrics metrics)
    {
        (_handler, _deferred, _metrics) = (handler, deferred, metrics);
        _socket = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = BufferSize, SendBufferSize = BufferSize };
        _socket.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));
        try
        {
            _socket.Bind(listen);
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Answers until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var thread = Task.Factory.StartNew(
            () => Listen(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await using var wake = cancellationToken.Register(Wake);
        await thread;
    }

    public void Dispose() => _socket.Dispose();

    private void Listen(CancellationToken cancellationToken)
    {
        using var batch = new DatagramBatch();
        while (!cancellationToken.IsCancellationRequested)
        {
            var count = batch.Receive(_socket.SafeHandle);
            for (var i = 0; i < count; i++)
            {
                var request = batch.Request(i);
                var length = _handler.Handle(request, isStream: false, batch.Response(i), _metrics);
                if (length > 0)
                {
                    batch.Answer(i, length);
                }
                else if (length == QueryHandler.Deferred)
                {
                    _deferred.Add(new DeferredQuery(request.ToArray(), batch.Sender(i), _socket, _metrics));
                }
            }
            batch.Send(_socket.SafeHandle);
        }
    }

    private void Wake()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // "Not connected", says the kernel, and wakes who waits all the same.
        }
    }
}
