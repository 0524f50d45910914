using System.Buffers;
using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Logs;

/// <summary>Copies a container's log, without the runtime's prefixes, and follows it over rotations.</summary>
internal sealed class LogReader(TimeProvider time)
{
    private const int BufferSize = 32 << 10;
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Copies what is asked for.</summary>
    /// <param name="path">The log.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="isRunning">Whether the container still writes; asked when following has come to the end of the file.</param>
    /// <param name="cancellationToken">Ends it when nobody listens any more.</param>
    public async Task CopyAsync(
        string path, LogRequest request, Stream destination, Func<CancellationToken, Task<bool>> isRunning, CancellationToken cancellationToken)
    {
        var output = new Output(request, destination);
        var inode = LinuxCalls.InodeOf(path);
        var file = Open(path);
        try
        {
            file.Position = request.TailLines is { } lines ? LogTail.Find(file, lines) : 0;
            var pending = new ArrayBufferWriter<byte>(BufferSize);
            while (!output.IsFull)
            {
                if (await CopyAvailableAsync(file, pending, output, cancellationToken))
                {
                    continue;
                }
                await output.FlushAsync(cancellationToken);
                if (!request.Follow)
                {
                    break;
                }
                // Asked before the file is looked at for the last time: what was written before the end is then there.
                var goesOn = await isRunning(cancellationToken);
                if (await CopyAvailableAsync(file, pending, output, cancellationToken))
                {
                    continue;
                }
                // Rotated: under the name there is another file now.
                if (LinuxCalls.InodeOf(path) is var current and not 0 && current != inode)
                {
                    await file.DisposeAsync();
                    (file, inode) = (Open(path), current);
                    continue;
                }
                if (!goesOn)
                {
                    break;
                }
                await Task.Delay(PollEvery, time, cancellationToken);
            }
            await output.FlushAsync(cancellationToken);
        }
        finally
        {
            await file.DisposeAsync();
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferSize, FileOptions.Asynchronous);

    // Whether there was anything.
    private static async Task<bool> CopyAvailableAsync(FileStream file, ArrayBufferWriter<byte> pending, Output output, CancellationToken cancellationToken)
    {
        var read = await file.ReadAsync(pending.GetMemory(BufferSize), cancellationToken);
        if (read == 0)
        {
            return false;
        }
        pending.Advance(read);
        var rest = pending.WrittenMemory;
        while (rest.Span.IndexOf((byte)'\n') is var feed and >= 0)
        {
            output.Add(rest.Span[..feed]);
            rest = rest[(feed + 1)..];
        }
        // A line that is not complete waits for its end.
        var left = rest.ToArray();
        pending.ResetWrittenCount();
        pending.Write(left);
        await output.FlushIfLargeAsync(cancellationToken);
        return true;
    }

    private sealed class Output(LogRequest request, Stream destination)
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(BufferSize);
        private long _left = request.LimitBytes ?? long.MaxValue;
        private bool _continues;

        public bool IsFull => _left <= 0;

        public void Add(ReadOnlySpan<byte> raw)
        {
            var line = LogLine.Parse(raw);
            if ((request.Since is { } since && line.Time < since)
                || (request.Stream is { } stream && (stream == "stderr") != line.IsStandardError))
            {
                return;
            }
            if (request.Timestamps && !_continues)
            {
                Write(line.Timestamp);
                Write(" "u8);
            }
            Write(line.Content);
            if (!line.IsPartial)
            {
                Write("\n"u8);
            }
            _continues = line.IsPartial;
        }

        public async Task FlushIfLargeAsync(CancellationToken cancellationToken)
        {
            if (_buffer.WrittenCount >= BufferSize)
            {
                await FlushAsync(cancellationToken);
            }
        }

        public async Task FlushAsync(CancellationToken cancellationToken)
        {
            if (_buffer.WrittenCount == 0)
            {
                return;
            }
            await destination.WriteAsync(_buffer.WrittenMemory, cancellationToken);
            _buffer.ResetWrittenCount();
            await destination.FlushAsync(cancellationToken);
        }

        private void Write(ReadOnlySpan<byte> bytes)
        {
            var part = bytes[..(int)Math.Min(bytes.Length, Math.Max(0, _left))];
            _buffer.Write(part);
            _left -= part.Length;
        }
    }
}
