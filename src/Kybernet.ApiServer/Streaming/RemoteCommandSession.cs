using System.Net.WebSockets;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Streaming.Spdy;

namespace Kybernet.ApiServer.Streaming;

/// <summary>One remote command of a client that speaks WebSocket, carried out by a kubelet that speaks SPDY: messages of channels become frames of streams.</summary>
/// <param name="socket">The client.</param>
/// <param name="protocol">How the client speaks.</param>
/// <param name="kubelet">The kubelet.</param>
/// <param name="wanted">The streams that the client asked for.</param>
/// <param name="time">The clock of the last wait.</param>
internal sealed class RemoteCommandSession(
    WebSocket socket, ChannelProtocol protocol, SpdyConnection kubelet, RemoteStreams wanted, TimeProvider time)
{
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<RemoteChannel, int> _streams = [];
    private readonly Dictionary<int, RemoteChannel> _channels = [];
    private bool _hasResult;

    /// <summary>Carries it out until the command has ended, or the client has gone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await OpenStreamsAsync(ending.Token);
        await SendAsync(wanted.Stdout ? RemoteChannel.Stdout : wanted.Stderr ? RemoteChannel.Stderr : RemoteChannel.Error, default, ending.Token);
        var fromClient = ReadClientAsync(ending.Token);
        var fromKubelet = ReadKubeletAsync(ending.Token);
        await Task.WhenAny(fromClient, fromKubelet);
        if (fromKubelet.IsCompleted)
        {
            await SayGoodbyeAsync(fromClient, cancellationToken);
        }
        await ending.CancelAsync();
        // What is still pending breaks with its connection; how the session ended is decided by then.
        await Task.WhenAll(fromClient, fromKubelet);
    }

    /// <summary>The kubelet counts the streams and begins when all are there: the error stream first, as upstream's clients do.</summary>
    private async Task OpenStreamsAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(RemoteChannel.Error, "error", true);
        await OpenAsync(RemoteChannel.Stdin, "stdin", wanted.Stdin);
        await OpenAsync(RemoteChannel.Stdout, "stdout", wanted.Stdout);
        await OpenAsync(RemoteChannel.Stderr, "stderr", wanted.Stderr);
        await OpenAsync(RemoteChannel.Resize, "resize", wanted.Tty);

        async Task OpenAsync(RemoteChannel channel, string name, bool isWanted)
        {
            if (isWanted)
            {
                var id = await kubelet.OpenAsync([new("streamtype", name)], cancellationToken);
                _streams[channel] = id;
                _channels[id] = channel;
            }
        }
    }

    private async Task ReadClientAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[32 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }
                length += received.Count;
                if (!received.EndOfMessage)
                {
                    if (length == buffer.Length)
                    {
                        Array.Resize(ref buffer, Grown(buffer.Length));
                    }
                    continue;
                }
                if (length > 0)
                {
                    await HandleAsync(buffer.AsMemory(0, length), cancellationToken);
                }
                length = 0;
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The client or the kubelet is gone: that ends the session.
        }
    }

    private static int Grown(int length) => length < 16 << 20 ? length * 2 : throw new InvalidDataException("a message is longer than 16 MiB");

    private async Task HandleAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (protocol.CanHalfClose && message.Span[0] == ChannelProtocol.CloseSignal)
        {
            if (message.Length > 1 && _streams.TryGetValue((RemoteChannel)message.Span[1], out var closed))
            {
                await kubelet.SendAsync(closed, default, isFinal: true, cancellationToken);
            }
            return;
        }
        var (channel, payload) = protocol.Decode(message);
        if (channel is RemoteChannel.Stdin or RemoteChannel.Resize && !payload.IsEmpty && _streams.TryGetValue(channel, out var stream))
        {
            await kubelet.SendAsync(stream, payload, isFinal: false, cancellationToken);
        }
    }

    private async Task ReadKubeletAsync(CancellationToken cancellationToken)
    {
        var open = _channels.Where(pair => pair.Value is RemoteChannel.Error or RemoteChannel.Stdout or RemoteChannel.Stderr).Select(pair => pair.Key).ToHashSet();
        try
        {
            await foreach (var frame in kubelet.ReadAsync(cancellationToken))
            {
                if (frame.Kind == SpdyFrameKind.Data && !frame.Payload.IsEmpty && _channels.TryGetValue(frame.StreamId, out var channel))
                {
                    await ForwardAsync(channel, frame.Payload, cancellationToken);
                }
                if (frame.IsFinal && open.Remove(frame.StreamId) && open.Count == 0)
                {
                    break;
                }
            }
            await ReportMissingResultAsync(cancellationToken);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            await ReportBrokenAsync(exception, cancellationToken);
        }
    }

    private Task ForwardAsync(RemoteChannel channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (channel != RemoteChannel.Error)
        {
            return SendAsync(channel, payload, cancellationToken);
        }
        _hasResult = true;
        if (protocol.HasStatus)
        {
            return SendAsync(channel, payload, cancellationToken);
        }
        // Before version 4 the channel has a text, and only where the command failed.
        var status = ModelJson.Parse<Status>(payload.Span);
        return status.StatusValue == "Success"
            ? Task.CompletedTask
            : SendAsync(channel, System.Text.Encoding.UTF8.GetBytes(status.Message ?? ""), cancellationToken);
    }

    private Task ReportMissingResultAsync(CancellationToken cancellationToken) =>
        _hasResult ? Task.CompletedTask : ForwardAsync(RemoteChannel.Error, ModelJson.ToUtf8(new Status { StatusValue = "Success" }), cancellationToken);

    /// <summary>The client must not take a connection that broke for a command that succeeded.</summary>
    private async Task ReportBrokenAsync(Exception exception, CancellationToken cancellationToken)
    {
        if (_hasResult || cancellationToken.IsCancellationRequested || socket.State != WebSocketState.Open)
        {
            return;
        }
        var status = new Status
        {
            StatusValue = "Failure",
            Reason = "InternalError",
            Code = 500,
            Message = $"the connection to the kubelet broke: {exception.Message}",
        };
        try
        {
            await ForwardAsync(RemoteChannel.Error, ModelJson.ToUtf8(status), cancellationToken);
        }
        catch (Exception late) when (IsEnd(late))
        {
            // The client went at the same moment.
        }
    }

    private async Task SendAsync(RemoteChannel channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => await socket.SendAsync(
        protocol.Encode(channel, payload.Span),
        protocol.IsBase64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary,
        endOfMessage: true,
        cancellationToken);

    /// <summary>The client answers the close; one that does not is not waited for long.</summary>
    private async Task SayGoodbyeAsync(Task fromClient, CancellationToken cancellationToken)
    {
        try
        {
            using var patience = new CancellationTokenSource(GoodbyePatience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, both.Token);
            await fromClient.WaitAsync(both.Token);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // Gone already.
        }
    }

    private static bool IsEnd(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidDataException;
}
