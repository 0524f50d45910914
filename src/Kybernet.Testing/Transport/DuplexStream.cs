using System.Buffers;
using System.IO.Pipelines;

namespace Kybernet.Testing.Transport;

/// <summary>The client's end of a connection, as the stream that an HTTP client wants.</summary>
/// <param name="pipe">The end.</param>
/// <param name="closed">Is told when the client lets go of it.</param>
internal sealed class DuplexStream(IDuplexPipe pipe, Action closed) : Stream
{
    private readonly Lock _writing = new();
    private readonly Stream _input = pipe.Input.AsStream();
    private bool _hangsUp;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Ends what the server reads, whichever side wants that.</summary>
    public void HangUp()
    {
        // A server that has ended gives its memory back: nobody may be writing into it then.
        lock (_writing)
        {
            _hangsUp = true;
            pipe.Output.Complete();
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _input.ReadAsync(buffer, offset, count, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<FlushResult> flushing;
        lock (_writing)
        {
            if (_hangsUp)
            {
                throw new IOException("the connection is closed");
            }
            pipe.Output.Write(buffer.Span);
            flushing = pipe.Output.FlushAsync(cancellationToken);
        }
        await flushing;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask; // what is written is on its way

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            HangUp();
            _input.Dispose();
            closed();
        }
        base.Dispose(disposing);
    }
}
