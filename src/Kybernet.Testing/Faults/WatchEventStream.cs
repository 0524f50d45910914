namespace Kybernet.Testing.Faults;

/// <summary>Thrown through a watch that a fault ends.</summary>
internal sealed class WatchDroppedException : Exception;

/// <summary>Cuts what the server writes of a watch into events, a line each, and hands each on as it is told to.</summary>
/// <param name="inner">The connection.</param>
/// <param name="pass">Sends an event, or does something else with it.</param>
internal sealed class WatchEventStream(Stream inner, Func<ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, Task>, Task> pass) : Stream
{
    private readonly MemoryStream _begun = new();

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Span.IndexOf((byte)'\n') is var end and >= 0)
        {
            _begun.Write(buffer.Span[..(end + 1)]);
            buffer = buffer[(end + 1)..];
            var line = _begun.ToArray();
            _begun.SetLength(0);
            await pass(line, async bytes => await inner.WriteAsync(bytes, cancellationToken));
        }
        _begun.Write(buffer.Span);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _begun.Dispose();
        }
        base.Dispose(disposing);
    }
}
