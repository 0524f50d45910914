using System.Diagnostics;
using System.Globalization;
using k8s;
using k8s.Models;
using Kybernet.Testing;

// What a test pays for a cluster: run in Release, on a quiet machine.
//   dotnet run -c Release --project bench/Kybernet.Testing.Bench
const int Clusters = 20;
const int Creates = 20_000;
const int Writers = 16;
const int Latencies = 2_000;

var watch = Stopwatch.StartNew();
var before = Resident();
var first = await TestCluster.StartAsync();
Say("first start in a cold process", $"{watch.Elapsed.TotalMilliseconds:0} ms");
await first.NewNamespaceAsync();
Say("memory of the first", $"{(Resident() - before) / 1e6:0} MB");

var starts = new List<double>();
var more = new List<TestCluster>();
before = Resident();
for (var i = 0; i < Clusters; i++)
{
    watch.Restart();
    more.Add(await TestCluster.StartAsync());
    starts.Add(watch.Elapsed.TotalMilliseconds);
}
Say("second start", $"{starts[0]:0} ms");
Say($"median of {Clusters} starts", $"{Percentile(starts, 50):0} ms");
Say("memory of each further one", $"{(Resident() - before) / 1e6 / Clusters:0.0} MB");
watch.Restart();
foreach (var cluster in more)
{
    await cluster.DisposeAsync();
}
Say("end of one", $"{watch.Elapsed.TotalMilliseconds / Clusters:0.0} ms");

for (var round = 0; round < 2; round++)
{
    var made = 0;
    watch.Restart();
    await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
    {
        while (Interlocked.Increment(ref made) is var number && number <= Creates)
        {
            await first.Client.CoreV1.CreateNamespacedConfigMapAsync(
                new V1ConfigMap { Metadata = new V1ObjectMeta { Name = string.Create(CultureInfo.InvariantCulture, $"item-{round}-{number}") }, Data = new Dictionary<string, string> { ["key"] = "value" } },
                "default");
        }
    }));
    Say(round == 0 ? "creates, the client included (warming up)" : "creates, the client included", $"{Creates / watch.Elapsed.TotalSeconds:0}/s");
}

var seen = new List<double>();
using var ending = new CancellationTokenSource();
var arrived = new SemaphoreSlim(0);
var following = Task.Run(async () =>
{
    await foreach (var (type, _) in first.Client.CoreV1.WatchListNamespacedConfigMapAsync("kube-public", cancellationToken: ending.Token))
    {
        if (type == WatchEventType.Added)
        {
            arrived.Release();
        }
    }
});
for (var i = 0; i < Latencies; i++)
{
    watch.Restart();
    var creating = first.Client.CoreV1.CreateNamespacedConfigMapAsync(
        new V1ConfigMap { Metadata = new V1ObjectMeta { Name = string.Create(CultureInfo.InvariantCulture, $"seen-{i}") } }, "kube-public");
    await arrived.WaitAsync();
    seen.Add(watch.Elapsed.TotalMilliseconds);
    await creating;
}
Say("create to a watcher's event, p50", $"{Percentile(seen, 50):0.00} ms");
Say("create to a watcher's event, p99", $"{Percentile(seen, 99):0.00} ms");
await ending.CancelAsync();
await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
await first.DisposeAsync();

static double Percentile(List<double> values, int percent) => values.Order().ElementAt(Math.Min(values.Count - 1, values.Count * percent / 100));

static long Resident()
{
    GC.Collect();
    GC.WaitForPendingFinalizers();
    GC.Collect();
    using var process = Process.GetCurrentProcess();
    return process.WorkingSet64;
}

static void Say(string what, string much) => Console.WriteLine($"{what,-48}{much,12}");
