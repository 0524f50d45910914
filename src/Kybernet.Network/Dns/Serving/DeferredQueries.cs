using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Kybernet.Network.Dns.Serving;

/// <summary>A datagram whose answer has to be waited for.</summary>
/// <param name="Message">The question.</param>
/// <param name="Sender">Who asked.</param>
/// <param name="Socket">Which socket the answer is sent from.</param>
/// <param name="Metrics">Where it is counted.</param>
internal sealed record DeferredQuery(byte[] Message, IPEndPoint Sender, Socket Socket, DnsMetrics Metrics);

/// <summary>Waits for answers beside the listeners, for a bounded number of questions at a time.</summary>
internal sealed class DeferredQueries(QueryHandler handler)
{
    private const int MaxWaiting = 1000;
    private const int Workers = 128;

    private readonly Channel<DeferredQuery> _queries = Channel.CreateBounded<DeferredQuery>(MaxWaiting);

    /// <summary>Takes a question, or refuses it at once where too many wait already.</summary>
    public void Add(DeferredQuery query)
    {
        if (!_queries.Writer.TryWrite(query))
        {
            Send(query, QueryHandler.Refuse(query.Message));
        }
    }

    /// <summary>Answers until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(cancellationToken)));

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var query in _queries.Reader.ReadAllAsync(cancellationToken))
        {
            var response = await handler.HandleAsync(query.Message, isStream: false, query.Sender.Address, query.Metrics, cancellationToken);
            Send(query, response.Span);
        }
    }

    private static void Send(DeferredQuery query, ReadOnlySpan<byte> response)
    {
        try
        {
            // Sent without waiting: an asynchronous call would change how the socket's listener, which waits in the kernel, sees it.
            query.Socket.SendTo(response, SocketFlags.None, query.Sender);
        }
        catch (SocketException)
        {
            // A datagram that cannot be sent is a datagram lost: whoever asked asks again.
        }
    }
}
