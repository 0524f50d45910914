using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kybernet.ApiServer.Streaming.Spdy;

/// <summary>
/// The client's side of a SPDY/3.1 connection, as kubelets and container runtimes speak it: it opens streams, sends on them, and reads what comes.
/// </summary>
/// <remarks>
/// The peers know no flow control: they neither send window updates nor heed them. So none are sent here, and sending never waits for one;
/// TCP itself slows down who is too fast. Headers of the peer's replies say nothing that is needed, and are not inflated.
/// </remarks>
/// <param name="transport">The upgraded connection.</param>
internal sealed class SpdyConnection(Stream transport) : IAsyncDisposable
{
    private const int HeaderBytes = 8;
    private const int MaxFrameBytes = 1 << 24;
    private const byte Final = 1;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SpdyHeaderEncoder _headers = new();
    private int _nextStreamId = 1;

    private enum ControlType
    {
        SynStream = 1,
        SynReply = 2,
        RstStream = 3,
        Ping = 6,
        GoAway = 7,
    }

    /// <summary>Opens a stream. Data may be sent on it at once.</summary>
    /// <returns>The stream's id.</returns>
    public async Task<int> OpenAsync(IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var id = _nextStreamId;
            _nextStreamId += 2;
            var body = new ArrayBufferWriter<byte>(256);
            BinaryPrimitives.WriteInt32BigEndian(body.GetSpan(10), id);
            body.GetSpan(10)[4..10].Clear(); // no associated stream, highest priority, no credential slot
            body.Advance(10);
            _headers.Encode(headers, body);
            await WriteControlAsync(ControlType.SynStream, 0, body.WrittenMemory, cancellationToken);
            return id;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends bytes on a stream; the last ones where it is final.</summary>
    public async Task SendAsync(int streamId, ReadOnlyMemory<byte> payload, bool isFinal, CancellationToken cancellationToken)
    {
        var frame = ArrayPool<byte>.Shared.Rent(HeaderBytes + payload.Length);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            BinaryPrimitives.WriteInt32BigEndian(frame, streamId);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), payload.Length);
            frame[4] = isFinal ? Final : (byte)0;
            payload.CopyTo(frame.AsMemory(HeaderBytes));
            await transport.WriteAsync(frame.AsMemory(0, HeaderBytes + payload.Length), cancellationToken);
            await transport.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>Reads what the peer says until it closes the connection. Pings are answered on the way.</summary>
    /// <exception cref="InvalidDataException">The peer does not speak SPDY/3.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async IAsyncEnumerable<SpdyFrame> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        var buffer = new byte[32 * 1024];
        while (await transport.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken) == HeaderBytes)
        {
            var first = BinaryPrimitives.ReadUInt32BigEndian(header);
            var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & (MaxFrameBytes - 1));
            if (length > buffer.Length)
            {
                buffer = new byte[length];
            }
            var payload = buffer.AsMemory(0, length);
            await transport.ReadExactlyAsync(payload, cancellationToken);
            var isControl = (first & 0x8000_0000) != 0;
            if (!isControl)
            {
                yield return new SpdyFrame(SpdyFrameKind.Data, (int)first, payload, (header[4] & Final) != 0);
            }
            else if (await ReadControlAsync(first, header[4], payload, cancellationToken) is { } frame)
            {
                yield return frame;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync();
        _writing.Dispose();
    }

    private async ValueTask<SpdyFrame?> ReadControlAsync(uint first, byte flags, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if ((first >> 16 & 0x7fff) != 3)
        {
            throw new InvalidDataException($"the peer speaks version {first >> 16 & 0x7fff} of SPDY, not 3");
        }
        var type = (ControlType)(first & 0xffff);
        if (type is ControlType.SynReply or ControlType.RstStream or ControlType.GoAway or ControlType.Ping && payload.Length < 4)
        {
            throw new InvalidDataException($"a control frame of type {first & 0xffff} is too short");
        }
        switch (type)
        {
            case ControlType.SynReply:
                return new SpdyFrame(SpdyFrameKind.Reply, StreamId(payload), default, (flags & Final) != 0);
            case ControlType.RstStream:
                return new SpdyFrame(SpdyFrameKind.Reset, StreamId(payload), default, true);
            case ControlType.GoAway:
                return new SpdyFrame(SpdyFrameKind.GoAway, 0, default, false);
            case ControlType.Ping:
                await AnswerPingAsync(payload.ToArray(), cancellationToken);
                return null;
            default:
                return null; // settings, window updates, headers: nothing that matters here
        }
    }

    private static int StreamId(ReadOnlyMemory<byte> payload) => BinaryPrimitives.ReadInt32BigEndian(payload.Span) & int.MaxValue;

    private async Task AnswerPingAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await WriteControlAsync(ControlType.Ping, 0, payload, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task WriteControlAsync(ControlType type, byte flags, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var frame = new byte[HeaderBytes + body.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, 0x8003_0000 | (uint)type);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), body.Length);
        frame[4] = flags;
        body.CopyTo(frame.AsMemory(HeaderBytes));
        await transport.WriteAsync(frame, cancellationToken);
        await transport.FlushAsync(cancellationToken);
    }
}
