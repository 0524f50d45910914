using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Kybernet.Testing.Transport;

/// <summary>The server's end of a connection in memory. It ends when either side goes away.</summary>
internal sealed class MemoryConnection : DefaultConnectionContext
{
    // Never disposed of: whoever goes last may still cancel it, and it holds nothing.
    private readonly CancellationTokenSource _closed = new();
    private readonly IDuplexPipe _server;

    public MemoryConnection(string id, IDuplexPipe server)
        : base(id, server, server)
    {
        _server = server;
        ConnectionClosed = _closed.Token;
        Features.Set<IMemoryPoolFeature>(BlockPool.Instance);
    }

    /// <summary>Ends what the server reads of the client.</summary>
    public Action HangUp { get; set; } = static () => { };

    /// <summary>The client has gone.</summary>
    public void Close() => ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        HangUp();
        Close();
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _server.Input.CompleteAsync();
        await _server.Output.CompleteAsync();
    }
}
