using System.Buffers;
using System.IO.Pipelines;

namespace Kybernet.Network.Gateways.Serving;

/// <summary>A request's body, of which what is read is written to a pipe too. A reader of the pipe who falls too far behind gets no more.</summary>
internal sealed class CopiedBody(Stream body, PipeWriter copy) : Stream
{
    private bool _isEnded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => body.Length;

    public override long Position
    {
        get => body.Position;
        set => body.Position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await body.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e)
        {
            End(e);
            throw;
        }
        if (_isEnded || (count == 0 && buffer.Length > 0))
        {
            End(null);
            return count;
        }
        copy.Write(buffer.Span[..count]);
        var flushing = copy.FlushAsync(cancellationToken);
        if (!flushing.IsCompleted)
        {
            End(new IOException("the copy is not read fast enough")); // the pipe is full, and the request itself does not wait for it
        }
        else if ((await flushing).IsCompleted)
        {
            End(null);
        }
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("bodies are read asynchronously");

    public override void Flush() => throw new NotSupportedException("a body is not written to");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a body is read once");

    public override void SetLength(long value) => throw new NotSupportedException("a body is not written to");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("a body is not written to");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End(null);
        }
        base.Dispose(disposing);
    }

    private void End(Exception? reason)
    {
        if (!_isEnded)
        {
            _isEnded = true;
            copy.Complete(reason);
        }
    }
}
