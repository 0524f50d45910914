using System.Globalization;

namespace Kybernet.Store.CrashWriter.Histories;

/// <summary>What a workload does.</summary>
/// <param name="Seed">What its choices follow from.</param>
/// <param name="After">The revision that is known of already: watches begin after it.</param>
public sealed record WorkloadOptions(int Seed, long After)
{
    /// <summary>How many clients there are, each with one request at a time.</summary>
    public int Clients { get; init; } = 8;

    /// <summary>The largest value.</summary>
    public int MaxValueBytes { get; init; } = 3000;
}

/// <summary>Clients that read, write, watch and compact, and record all of it. Few keys, so that they meet; several stores stand for several servers of one.</summary>
public sealed class Workload(IReadOnlyList<IStore> stores, HistoryLog log, WorkloadOptions options)
{
    private const int Keys = 8;
    private static readonly string[] Prefixes = ["/registry/", "/registry/a/"];
    private readonly long[] _reached = [.. Prefixes.Select(_ => options.After)];

    /// <summary>Goes on until it is told to stop; what was asked by then is answered first.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var clients = Task.WhenAll(Enumerable.Range(0, options.Clients).Select(client => Task.Run(() => RunClientAsync(client, stop), CancellationToken.None)));
        using var watching = new CancellationTokenSource();
        var watchers = Prefixes.Select((_, watcher) => Task.Run(() => WatchAsync(watcher, watching.Token), CancellationToken.None)).ToArray();
        var compacting = Task.Run(() => CompactAsync(stop), CancellationToken.None);
        await clients;
        await compacting;
        await watching.CancelAsync();
        await Task.WhenAll(watchers);
    }

    private async Task RunClientAsync(int client, CancellationToken stop)
    {
        var random = new Random((options.Seed * 100) + client);
        var store = stores[client % stores.Count];
        var seen = new Dictionary<string, long>();
        while (!stop.IsCancellationRequested)
        {
            var key = $"/registry/{(random.Next(2) == 0 ? "a" : "b")}/k{random.Next(Keys / 2)}";
            switch (random.Next(10))
            {
                case < 6:
                    await WriteAsync(store, key, seen, random);
                    break;
                case < 8:
                    await GetAsync(store, key, seen);
                    break;
                default:
                    await RangeAsync(store, random);
                    break;
            }
        }
    }

    private async Task WriteAsync(IStore store, string key, Dictionary<string, long> seen, Random random)
    {
        var id = log.NextId();
        var (token, value) = random.Next(5) == 0 ? ("-", default(ReadOnlyMemory<byte>?)) : Values.Make(id, random.Next(options.MaxValueBytes));
        var expected = random.Next(4) == 0 ? (long?)null : seen.GetValueOrDefault(key);
        log.Write(string.Create(CultureInfo.InvariantCulture, $"w {id} {key} {(expected is { } known ? known : "-")} {token}"));
        try
        {
            var result = await store.WriteAsync(new Write(key, value, expected), CancellationToken.None);
            seen[key] = result.Current?.ModRevision ?? 0;
            log.Write(string.Create(CultureInfo.InvariantCulture, $"W {id} {(result.Succeeded ? "ok" : "no")} {result.Revision} {Values.StateOf(result.Current)}"));
        }
        catch (UncertainWriteException)
        {
            log.Write($"W {id} maybe");
        }
        catch (StoreUnavailableException)
        {
            log.Write($"W {id} failed");
            await PauseAsync();
        }
    }

    private async Task GetAsync(IStore store, string key, Dictionary<string, long> seen)
    {
        var id = log.NextId();
        log.Write($"g {id} {key}");
        try
        {
            var item = await store.GetAsync(key, 0, CancellationToken.None);
            seen[key] = item?.ModRevision ?? 0;
            log.Write($"G {id} {Values.StateOf(item)}");
        }
        catch (StoreUnavailableException)
        {
            log.Write($"G {id} failed");
            await PauseAsync();
        }
    }

    private async Task RangeAsync(IStore store, Random random)
    {
        var id = log.NextId();
        var prefix = Prefixes[random.Next(Prefixes.Length)];
        var revision = random.Next(3) == 0 ? Math.Max(0, _reached.Max() - random.Next(200)) : 0;
        log.Write(string.Create(CultureInfo.InvariantCulture, $"r {id} {prefix} {revision}"));
        try
        {
            var range = await store.RangeAsync(new RangeRequest(prefix) { Revision = revision }, CancellationToken.None);
            var items = string.Concat(range.Items.Select(static item => $" {item.Key}={Values.StateOf(item)}"));
            // At a revision of the past, what is told is that revision.
            log.Write(string.Create(CultureInfo.InvariantCulture, $"R {id} {(revision > 0 ? revision : range.Revision)}{items}"));
        }
        catch (CompactedException)
        {
            log.Write($"R {id} compacted");
        }
        catch (StoreUnavailableException)
        {
            log.Write($"R {id} failed");
            await PauseAsync();
        }
    }

    /// <summary>Watches, and every now and then begins anew from where it was.</summary>
    private async Task WatchAsync(int watcher, CancellationToken stop)
    {
        var random = new Random((options.Seed * 100) + options.Clients + watcher);
        while (!stop.IsCancellationRequested)
        {
            var id = log.NextId();
            log.Write(string.Create(CultureInfo.InvariantCulture, $"o {id} {Prefixes[watcher]} {_reached[watcher]}"));
            var left = random.Next(1, 100);
            try
            {
                await foreach (var batch in stores[random.Next(stores.Count)].WatchAsync(Prefixes[watcher], _reached[watcher], stop))
                {
                    var events = string.Concat(batch.Events.Select(static change => string.Create(
                        CultureInfo.InvariantCulture, $" {change.Key}@{change.Revision}={Values.StateOf(change.Current)}>{Values.StateOf(change.Previous)}")));
                    log.Write(string.Create(CultureInfo.InvariantCulture, $"B {id} {batch.Revision}{events}"));
                    Volatile.Write(ref _reached[watcher], batch.Revision);
                    if (--left == 0)
                    {
                        break;
                    }
                }
            }
            catch (StoreUnavailableException)
            {
                await PauseAsync();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Compacts, never further than all watchers have come: none may have to begin from nothing.</summary>
    private async Task CompactAsync(CancellationToken stop)
    {
        var random = new Random((options.Seed * 100) + 99);
        long compacted = 0;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 200)), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var revision = Prefixes.Select((_, watcher) => Volatile.Read(ref _reached[watcher])).Min() - random.Next(50);
            if (revision <= compacted)
            {
                continue;
            }
            var id = log.NextId();
            log.Write(string.Create(CultureInfo.InvariantCulture, $"c {id} {revision}"));
            try
            {
                await stores[0].CompactAsync(revision, CancellationToken.None);
                log.Write($"C {id} done");
                compacted = revision;
            }
            catch (StoreException)
            {
                log.Write($"C {id} failed");
            }
        }
    }

    /// <summary>A store that cannot be reached is not asked as fast as it can refuse.</summary>
    private static Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
}
