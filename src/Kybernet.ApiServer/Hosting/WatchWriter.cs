using System.IO.Pipelines;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Hosting;

/// <summary>
/// Writes one watch to its connection. An event on its own goes out at once; where events follow one another closely, those of an interval go out
/// together, in one piece of memory: what a watcher costs is the wake-ups, encrypted records and system calls, not the copying, and this way
/// there is one of each for many events.
/// </summary>
/// <param name="output">The connection.</param>
/// <param name="watch">What is written.</param>
/// <param name="interval">How soon after events were sent the next ones may be; zero for at once.</param>
/// <param name="time">What the interval goes by.</param>
internal sealed class WatchWriter(PipeWriter output, WatchResponse watch, TimeSpan interval, TimeProvider time)
{
    private readonly List<WatchItem> _batch = [];
    private long _sent;

    /// <summary>Sends what the watch begins with and then what happens, until it ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await output.FlushAsync(cancellationToken); // the headers: a client waits for them before it counts itself as watching
        await WriteInitialAsync(cancellationToken);
        var items = watch.Watcher.Items;
        while (await items.WaitToReadAsync(cancellationToken))
        {
            if (_sent != 0 && interval > TimeSpan.Zero && interval - time.GetElapsedTime(_sent) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, time, cancellationToken);
            }
            while (Gather() is > 0 and var bytes)
            {
                _sent = time.GetTimestamp();
                // Asked for at once, it is one block, which is encrypted into as few records as there can be.
                output.GetMemory(bytes);
                foreach (var item in await watch.ConvertAsync(_batch, cancellationToken))
                {
                    watch.Encoder.Write(output, item);
                }
                await output.FlushAsync(cancellationToken);
            }
        }
    }

    private async Task WriteInitialAsync(CancellationToken cancellationToken)
    {
        foreach (var item in await watch.ConvertAsync(watch.Watcher.Initial, cancellationToken))
        {
            watch.Encoder.Write(output, item);
            if (output.UnflushedBytes >= ResponseWriter.FlushBytes)
            {
                await output.FlushAsync(cancellationToken);
            }
        }
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>Takes what waits, up to as much as is sent in one piece.</summary>
    /// <returns>About how many bytes it comes to; 0 where nothing is to be sent.</returns>
    private int Gather()
    {
        const int Frame = 64;
        _batch.Clear();
        var bytes = 0;
        while (bytes < ResponseWriter.FlushBytes && watch.Watcher.Items.TryRead(out var item))
        {
            if (item.Type != WatchItemType.Bookmark || watch.WantsBookmarks)
            {
                _batch.Add(item);
                bytes += Frame + (item.Object?.Json.Length ?? 0);
            }
        }
        return bytes;
    }
}
