using System.Buffers;

namespace Kybernet.ApiServer.Streaming;

/// <summary>Copies what comes as soon as it comes: nothing waits for more.</summary>
internal static class StreamCopy
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>Copies until the source ends.</summary>
    public static async Task RunAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await to.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
