using System.Net;
using System.Net.Sockets;

namespace Kybernet.Network.Tests.Policies.Real;

/// <summary>A host of the test network: answers on some ports, and asks others.</summary>
internal sealed class PodEndpoint(NetworkNamespace home, IPAddress address) : IAsyncDisposable
{
    /// <summary>On a machine of its own a packet takes microseconds; one that has not come by then has been dropped.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _loops = [];

    public IPAddress Address => address;

    public NetworkNamespace Home => home;

    /// <summary>Answers whoever connects or asks with what it got.</summary>
    public void Serve(params ReadOnlySpan<int> ports)
    {
        foreach (var port in ports)
        {
            var endPoint = new IPEndPoint(IPAddress.Any, port);
            _loops.Add(AcceptAsync(home.Open(() =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(endPoint);
                socket.Listen();
                return socket;
            })));
            _loops.Add(AnswerAsync(home.Open(() => UdpOn(endPoint))));
        }
    }

    /// <summary>Connects; null where it is not let.</summary>
    public async Task<Socket?> ConnectAsync(IPAddress to, int port, CancellationToken cancellationToken)
    {
        var socket = home.Open(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(to, port), patience.Token);
            return socket;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Whether an answer comes to a datagram.</summary>
    public async Task<bool> AsksAsync(IPAddress to, int port, CancellationToken cancellationToken)
    {
        using var socket = home.Open(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        await socket.ConnectAsync(new IPEndPoint(to, port), cancellationToken);
        await socket.SendAsync(new byte[] { 1 }, cancellationToken);
        return await EchoesAsync(socket, cancellationToken);
    }

    /// <summary>Whether a connection that stands still carries.</summary>
    public static async Task<bool> CarriesAsync(Socket connection, CancellationToken cancellationToken)
    {
        await connection.SendAsync(new byte[] { 1 }, cancellationToken);
        return await EchoesAsync(connection, cancellationToken);
    }

    /// <summary>Whether a datagram that another host sends, as if from some address, comes here.</summary>
    public async Task<bool> HearsAsync(PodEndpoint sender, IPAddress source, CancellationToken cancellationToken)
    {
        using var ear = home.Open(() => UdpOn(new IPEndPoint(address, 0)));
        using var mouth = sender.Home.Open(() => UdpOn(new IPEndPoint(source, 0)));
        await mouth.SendToAsync(new byte[] { 1 }, ear.LocalEndPoint!, cancellationToken);
        return await EchoesAsync(ear, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        await home.DisposeAsync();
    }

    private static Socket UdpOn(IPEndPoint endPoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(endPoint);
        return socket;
    }

    private static async Task<bool> EchoesAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await socket.ReceiveAsync(new byte[1], patience.Token) == 1;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        using (listener)
        {
            while (true)
            {
                var connection = await listener.AcceptAsync(_ending.Token);
                _loops.Add(EchoAsync(connection));
            }
        }
    }

    private async Task EchoAsync(Socket connection)
    {
        using (connection)
        {
            var buffer = new byte[64];
            while (await connection.ReceiveAsync(buffer, _ending.Token) is > 0 and var count)
            {
                await connection.SendAsync(buffer.AsMemory(0, count), _ending.Token);
            }
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[64];
            while (true)
            {
                var got = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _ending.Token);
                await socket.SendToAsync(buffer.AsMemory(0, got.ReceivedBytes), got.RemoteEndPoint, _ending.Token);
            }
        }
    }
}
