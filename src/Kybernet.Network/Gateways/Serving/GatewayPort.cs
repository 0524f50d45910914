using Kybernet.Network.Gateways.Routing;
using Microsoft.AspNetCore.Connections;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>A port of a Gateway that is open: a connection carries it along, and so finds what is at it now.</summary>
internal sealed class GatewayPort(IConnectionListener listener, PortTable table) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private volatile PortTable _table = table;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Where it listens.</summary>
    public System.Net.IPEndPoint EndPoint { get; } = (System.Net.IPEndPoint)listener.EndPoint;

    /// <summary>What is at it.</summary>
    public PortTable Table
    {
        get => _table;
        set => _table = value;
    }

    /// <summary>Begins to take connections.</summary>
    /// <param name="handle">Answers one; it does not throw.</param>
    public void Start(Func<ConnectionContext, GatewayPort, CancellationToken, Task> handle) => _accepting = AcceptAsync(handle);

    /// <summary>Closes it: connections that are open find nothing any more.</summary>
    public async ValueTask DisposeAsync()
    {
        _table = PortTable.Closed;
        await listener.UnbindAsync(CancellationToken.None); // it is to be closed whatever happens
        await _closed.CancelAsync();
        await _accepting;
        await listener.DisposeAsync();
        _closed.Dispose();
    }

    private async Task AcceptAsync(Func<ConnectionContext, GatewayPort, CancellationToken, Task> handle)
    {
        await Task.Yield();
        var connections = new HashSet<Task>();
        while (await listener.AcceptAsync(CancellationToken.None) is { } connection) // ends when the listener is unbound
        {
            var handling = handle(connection, this, _closed.Token);
            if (handling.IsCompleted)
            {
                continue;
            }
            connections.RemoveWhere(static known => known.IsCompleted);
            connections.Add(handling);
        }
        await Task.WhenAll(connections);
    }
}
