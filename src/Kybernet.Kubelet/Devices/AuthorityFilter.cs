using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Kybernet.Kubelet.Devices;

/// <summary>
/// Lets clients in that name the socket's path as the server they mean, as Go's do: a path is no host, and Kestrel would end the stream. In the requests'
/// header blocks the literal value of <c>:authority</c> is replaced; everything else passes as it is. Both sides keep the same entries in their header
/// tables, only under another value.
/// </summary>
internal static class AuthorityFilter
{
    private const int FrameHeader = 9;
    private const int PrefaceLength = 24;
    private const byte Headers = 1;
    private const byte PaddedFlag = 8;
    private const byte PriorityFlag = 0x20;

    /// <summary>Puts itself between a connection and whoever deals with it.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        var client = connection.Transport;
        var pipe = new Pipe();
        connection.Transport = new Filtered(pipe.Reader, client.Output);
        var pumping = PumpAsync(client.Input, pipe.Writer, connection.ConnectionClosed);
        try
        {
            await next(connection);
        }
        finally
        {
            client.Input.CancelPendingRead();
            await pumping;
            connection.Transport = client;
        }
    };

    private static async Task PumpAsync(PipeReader from, PipeWriter to, CancellationToken cancellationToken)
    {
        try
        {
            var isBegun = false;
            while (true)
            {
                var read = await from.ReadAsync(cancellationToken);
                var left = read.Buffer;
                while (TryCut(ref left, isBegun, out var piece))
                {
                    Write(piece, isBegun, to);
                    isBegun = true;
                }
                from.AdvanceTo(left.Start, left.End);
                var flushed = await to.FlushAsync(cancellationToken);
                if (read.IsCompleted || read.IsCanceled || flushed.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The connection is over, which its reader is told below.
        }
        finally
        {
            await to.CompleteAsync();
        }
    }

    // First the preface, then frames.
    private static bool TryCut(ref ReadOnlySequence<byte> left, bool isBegun, out byte[] piece)
    {
        piece = [];
        long length = PrefaceLength;
        if (isBegun)
        {
            if (left.Length < FrameHeader)
            {
                return false;
            }
            Span<byte> header = stackalloc byte[4];
            left.Slice(0, 3).CopyTo(header[1..]);
            length = FrameHeader + BinaryPrimitives.ReadInt32BigEndian(header);
        }
        if (left.Length < length)
        {
            return false;
        }
        piece = left.Slice(0, length).ToArray();
        left = left.Slice(length);
        return true;
    }

    private static void Write(byte[] piece, bool isFrame, PipeWriter to)
    {
        if (!isFrame || piece[3] != Headers || FindAuthority(piece) is not { } value)
        {
            to.Write(piece);
            return;
        }
        ReadOnlySpan<byte> host = [9, .. "localhost"u8];
        var length = piece.Length - FrameHeader - value.Length + host.Length;
        Span<byte> header = stackalloc byte[FrameHeader];
        piece.AsSpan(0, FrameHeader).CopyTo(header);
        (header[0], header[1], header[2]) = ((byte)(length >> 16), (byte)(length >> 8), (byte)length);
        to.Write(header);
        to.Write(piece.AsSpan(FrameHeader, value.Start - FrameHeader));
        to.Write(host);
        to.Write(piece.AsSpan(value.Start + value.Length));
    }

    // Where the literal value of :authority is in a HEADERS frame, its length included; null where it has none, or is not understood.
    private static (int Start, int Length)? FindAuthority(ReadOnlySpan<byte> frame)
    {
        var at = FrameHeader + ((frame[4] & PaddedFlag) != 0 ? 1 : 0) + ((frame[4] & PriorityFlag) != 0 ? 5 : 0);
        while (at < frame.Length)
        {
            var first = frame[at];
            var bits = first >= 0x80 ? 7 : first >= 0x40 ? 6 : first >= 0x20 ? 5 : 4;
            if (!TryReadInteger(frame, ref at, bits, out var name))
            {
                return null;
            }
            if (bits is 7 or 5)
            {
                continue; // an entry of the table, or the table's size
            }
            if (name == 0 && !TrySkipText(frame, ref at))
            {
                return null;
            }
            var start = at;
            if (!TrySkipText(frame, ref at))
            {
                return null;
            }
            if (name == 1)
            {
                return (start, at - start);
            }
        }
        return null;
    }

    private static bool TrySkipText(ReadOnlySpan<byte> frame, ref int at)
    {
        if (!TryReadInteger(frame, ref at, 7, out var length) || length > frame.Length - at)
        {
            return false;
        }
        at += length;
        return true;
    }

    // HPACK's integers: as many bits of the first byte as are given, and where these are all set, seven of each byte that follows.
    private static bool TryReadInteger(ReadOnlySpan<byte> frame, ref int at, int bits, out int value)
    {
        value = 0;
        if (at >= frame.Length)
        {
            return false;
        }
        var limit = (1 << bits) - 1;
        value = frame[at++] & limit;
        for (var shift = 0; value >= limit && shift <= 21; shift += 7)
        {
            if (at >= frame.Length)
            {
                return false;
            }
            var next = frame[at++];
            value += (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }
        return value < limit;
    }

    private sealed record Filtered(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
