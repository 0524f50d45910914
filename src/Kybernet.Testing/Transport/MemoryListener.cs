using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Kybernet.Testing.Transport;

/// <summary>Where a server accepts connections that come from its own process, with no port.</summary>
internal sealed class MemoryListener : IConnectionListenerFactory, IConnectionListener
{
    private readonly Channel<ConnectionContext> _incoming = Channel.CreateUnbounded<ConnectionContext>();

    /// <inheritdoc/>
    public EndPoint EndPoint { get; } = new MemoryEndPoint();

    /// <summary>Opens a connection.</summary>
    /// <param name="prepare">Sets what the server is to know of it.</param>
    /// <exception cref="ObjectDisposedException">The server has stopped.</exception>
    public Stream Connect(Action<ConnectionContext> prepare)
    {
        var (client, server) = MemoryDuplex.Create();
        var connection = new MemoryConnection(Guid.NewGuid().ToString("N"), server) { LocalEndPoint = EndPoint, RemoteEndPoint = EndPoint };
        prepare(connection);
        var stream = new DuplexStream(client, connection.Close);
        connection.HangUp = stream.HangUp;
        ObjectDisposedException.ThrowIf(!_incoming.Writer.TryWrite(connection), this);
        return stream;
    }

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken) => ValueTask.FromResult<IConnectionListener>(this);

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken) =>
        await _incoming.Reader.WaitToReadAsync(cancellationToken) && _incoming.Reader.TryRead(out var connection) ? connection : null;

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        _incoming.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);

    private sealed class MemoryEndPoint : EndPoint
    {
        public override string ToString() => "memory";
    }
}
