using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>
/// An endpoint of Kestrel whose connections are handed to it. So one server answers at the ports of all Gateways, which come and go while it runs, and
/// what is spoken on a connection can be found out before it is decided who answers.
/// </summary>
/// <param name="name">What is spoken there.</param>
internal sealed class HandoverEndPoint(string name) : EndPoint
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>The connections that are to be taken.</summary>
    public ChannelReader<ConnectionContext> Connections => _connections.Reader;

    /// <summary>Hands over a connection.</summary>
    /// <returns>False where nobody takes any more.</returns>
    public bool TryHandOver(ConnectionContext connection) => _connections.Writer.TryWrite(connection);

    /// <summary>Takes no more.</summary>
    public void Close() => _connections.Writer.TryComplete();

    /// <inheritdoc/>
    public override string ToString() => $"http://{name}";
}

/// <summary>Gives Kestrel the connections that are handed over.</summary>
internal sealed class HandoverListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => endpoint is HandoverEndPoint;

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new HandoverListener((HandoverEndPoint)endpoint));

    private sealed class HandoverListener(HandoverEndPoint endpoint) : IConnectionListener
    {
        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await endpoint.Connections.WaitToReadAsync(cancellationToken) && endpoint.Connections.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            endpoint.Close();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);
    }
}
