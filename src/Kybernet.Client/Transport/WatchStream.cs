using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Kybernet.Client;

/// <summary>Reads the events of a watch from a response as they come: one JSON object a line.</summary>
internal static class WatchStream
{
    // Objects are at most a few megabytes; a line that goes on for longer is no event.
    private const int MaxEventBytes = 64 * 1024 * 1024;

    /// <exception cref="ApiException">The server sent an error event.</exception>
    /// <exception cref="ApiUnavailableException">The connection broke, or what came is no event.</exception>
    public static async IAsyncEnumerable<ObjectEvent> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await ReadMoreAsync(pipe, cancellationToken);
                var buffer = read.Buffer;
                while (TryCutLine(ref buffer, read.IsCompleted, out var line))
                {
                    if (line.Length > 0)
                    {
                        yield return Parse(line);
                    }
                }
                pipe.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    yield break;
                }
                if (buffer.Length > MaxEventBytes)
                {
                    throw new ApiUnavailableException($"a watch event of more than {MaxEventBytes} bytes");
                }
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private static async ValueTask<ReadResult> ReadMoreAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        try
        {
            return await pipe.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new ApiUnavailableException("the watch broke: " + exception.Message, exception);
        }
    }

    private static bool TryCutLine(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }
        line = buffer;
        if (!isLast || buffer.IsEmpty)
        {
            return false;
        }
        buffer = buffer.Slice(buffer.End);
        return true;
    }

    private static ObjectEvent Parse(in ReadOnlySequence<byte> line)
    {
        try
        {
            if (line.IsSingleSegment)
            {
                return ObjectSlicer.Event(line.FirstSpan);
            }
            var length = (int)line.Length;
            var rented = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                line.CopyTo(rented);
                return ObjectSlicer.Event(rented.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
        catch (JsonException exception)
        {
            throw new ApiUnavailableException("the watch broke in the middle of an event: " + exception.Message, exception);
        }
    }
}
