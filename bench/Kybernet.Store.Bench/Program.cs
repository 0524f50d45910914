using System.Diagnostics;
using System.Globalization;
using Kybernet.Store.Bench;
using Kybernet.Store.Sqlite;

// usage: Kybernet.Store.Bench [DIRECTORY [SECONDS]]
// The directory decides what an fsync costs; one in memory (tmpfs) shows the processor's share alone.
var parent = args.Length > 0 ? args[0] : Path.GetTempPath();
var duration = TimeSpan.FromSeconds(args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 4);
var directory = Path.Combine(parent, $"kybernet-store-bench-{Environment.ProcessId}");
const int ValueBytes = 2048;
const int Watchers = 100;

Console.WriteLine($"values of {ValueBytes} bytes, {duration.TotalSeconds:0.#} s each, in {parent}");
Console.WriteLine($"{"what",-24} {"writers",7} {"writes/s",10} {"p50 ms",8} {"p99 ms",8} {"CPU µs",7} {"bytes",7}   (CPU and allocated bytes per write)");
try
{
    foreach (var writers in (int[])[1, 16, 64])
    {
        await MeasureAsync("create", writers, watchers: 0, update: false);
    }
    await MeasureAsync("update", 16, watchers: 0, update: true);
    await MeasureAsync($"create, {Watchers} watchers", 16, Watchers, update: false);
}
finally
{
    Directory.Delete(directory, recursive: true);
}

async Task MeasureAsync(string what, int writers, int watchers, bool update)
{
    var options = new SqliteStoreOptions { DataDirectory = Path.Combine(directory, Guid.NewGuid().ToString("N")) };
    await using var store = await SqliteStore.OpenAsync(options, CancellationToken.None);
    using var stop = new CancellationTokenSource();
    var watching = Enumerable.Range(0, watchers).Select(i => Load.WatchAsync(store, $"/registry/kind-{i}/", stop.Token)).ToArray();
    await Load.RunAsync(store, writers, ValueBytes, update, TimeSpan.FromSeconds(0.5), "warm"); // the compiler's work is not the store's

    var cpu = Environment.CpuUsage.TotalTime;
    var allocated = GC.GetTotalAllocatedBytes();
    var watch = Stopwatch.StartNew();
    var latencies = await Load.RunAsync(store, writers, ValueBytes, update, duration, "run");
    var elapsed = watch.Elapsed;
    var cpuPerWrite = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / latencies.Count;
    var bytesPerWrite = (GC.GetTotalAllocatedBytes() - allocated) / latencies.Count;
    await stop.CancelAsync();
    await Task.WhenAll(watching);

    latencies.Sort();
    Console.WriteLine(
        $"{what,-24} {writers,7} {latencies.Count / elapsed.TotalSeconds,10:N0} {Milliseconds(latencies, 0.50),8:0.00} {Milliseconds(latencies, 0.99),8:0.00} "
        + $"{cpuPerWrite,7:0.0} {bytesPerWrite,7:N0}");
}

static double Milliseconds(List<long> sorted, double quantile) =>
    sorted[(int)((sorted.Count - 1) * quantile)] * 1000.0 / Stopwatch.Frequency;
