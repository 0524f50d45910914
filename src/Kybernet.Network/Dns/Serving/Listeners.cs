using System.Net;
using System.Net.Sockets;

namespace Kybernet.Network.Dns.Serving;

/// <summary>Everything that listens on the DNS port.</summary>
internal sealed class Listeners : IDisposable
{
    private readonly QueryHandler _handler;
    private readonly DeferredQueries _deferred;
    private readonly TimeProvider _time;
    private readonly TcpServer _tcp;
    private readonly List<UdpListener> _udp = [];
    private readonly DnsMetrics[] _metrics;

    private Listeners(ClusterDnsOptions options, int port, QueryHandler handler, TimeProvider time)
    {
        (_handler, _time) = (handler, time);
        _deferred = new DeferredQueries(handler);
        // Sockets that share a UDP port share it with everybody who shares it: the TCP port, which nobody can share, says whose it is.
        _tcp = new TcpServer(new IPEndPoint(options.ListenAddress, port));
        _metrics = [.. Enumerable.Range(0, options.UdpSockets + 1).Select(static _ => new DnsMetrics())];
        try
        {
            for (var i = 0; i < options.UdpSockets; i++)
            {
                _udp.Add(new UdpListener(_tcp.EndPoint, handler, _deferred, _metrics[i]));
            }
        }
        catch (SocketException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where they listen.</summary>
    public IPEndPoint EndPoint => _tcp.EndPoint;

    /// <summary>What was counted, a part for each listener.</summary>
    public IReadOnlyList<DnsMetrics> Metrics => _metrics;

    /// <summary>Takes the port that is wished for, or any other where that is taken.</summary>
    /// <exception cref="SocketException">There is none.</exception>
    public static Listeners Open(ClusterDnsOptions options, QueryHandler handler, TimeProvider time)
    {
        try
        {
            return new Listeners(options, options.Port, handler, time);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return new Listeners(options, 0, handler, time);
        }
    }

    /// <summary>Answers until cancelled, or until one of the listeners fails.</summary>
    /// <returns>A task for each listener.</returns>
    public IEnumerable<Task> Start(CancellationToken cancellationToken) =>
    [
        _tcp.RunAsync(_handler, _metrics[^1], _time, cancellationToken),
        _deferred.RunAsync(cancellationToken),
        .. _udp.Select(udp => udp.RunAsync(cancellationToken)),
    ];

    public void Dispose()
    {
        _tcp.Dispose();
        foreach (var udp in _udp)
        {
            udp.Dispose();
        }
    }
}
