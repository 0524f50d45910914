using System.Diagnostics;

namespace Kybernet.Store.Bench;

/// <summary>What the store is put under: concurrent writers that each wait for their answer, and watchers of other keys.</summary>
internal static class Load
{
    /// <returns>The time of each write, in ticks of the stopwatch.</returns>
    public static async Task<List<long>> RunAsync(IStore store, int writers, int valueBytes, bool update, TimeSpan duration, string name)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var each = await Task.WhenAll(Enumerable.Range(0, writers).Select(
            writer => Task.Run(() => WriteAsync(store, $"/registry/pods/{name}-{writer}", valueBytes, update, end))));
        return [.. each.SelectMany(latencies => latencies)];
    }

    /// <summary>Follows a prefix until the token fires.</summary>
    public static async Task WatchAsync(IStore store, string prefix, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in store.WatchAsync(prefix, 1, cancellationToken))
            {
                if (batch.Events.Count > 0)
                {
                    throw new InvalidOperationException($"an event of {batch.Events[0].Key} came to a watcher of {prefix}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the end of the measurement
        }
    }

    private static async Task<List<long>> WriteAsync(IStore store, string prefix, int valueBytes, bool update, long end)
    {
        var latencies = new List<long>();
        var value = new byte[valueBytes];
        Random.Shared.NextBytes(value);
        long revision = 0;
        for (var i = 0; Stopwatch.GetTimestamp() < end; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var write = update ? new Write(prefix, value, revision) : new Write($"{prefix}/pod-{i}", value, 0);
            var result = await store.WriteAsync(write, CancellationToken.None);
            latencies.Add(Stopwatch.GetTimestamp() - begun);
            if (!result.Succeeded)
            {
                throw new InvalidOperationException($"the write of {write.Key} found revision {result.Current?.ModRevision}");
            }
            revision = result.Revision;
        }
        return latencies;
    }
}
