namespace Kybernet.ApiServer.Streaming.Spdy;

/// <summary>What a peer says about one of the streams.</summary>
internal enum SpdyFrameKind
{
    /// <summary>Bytes; the last ones where the frame is final.</summary>
    Data,

    /// <summary>The stream is accepted.</summary>
    Reply,

    /// <summary>The stream is refused or broken off.</summary>
    Reset,

    /// <summary>The peer takes no more streams.</summary>
    GoAway,
}

/// <summary>One frame of a SPDY connection.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="StreamId">Of which stream; 0 for the connection.</param>
/// <param name="Payload">The bytes of a data frame; good until the next frame is read.</param>
/// <param name="IsFinal">Whether nothing more comes on the stream.</param>
internal readonly record struct SpdyFrame(SpdyFrameKind Kind, int StreamId, ReadOnlyMemory<byte> Payload, bool IsFinal);
