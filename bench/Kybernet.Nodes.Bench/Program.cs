using System.Globalization;
using Kybernet.Nodes.Bench;

// kybernet-nodes-bench [program]: starts a cluster of one node with the published program and measures how its pods start and what they cost.
var program = args is [var path] ? path : Path.Combine("artifacts", "linux-x64", "kybernet");
using var cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(15));
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};

await using var cluster = await ClusterUnderTest.StartAsync(program, cancellation.Token);
await using var pods = await PodWatcher.StartAsync(cluster.Client, cancellation.Token);
var load = new PodLoad(cluster.Client, pods);

await load.RunAsync(count: 5, perSecond: 10, cancellation.Token); // warms up: images are unpacked, code is paged in
await load.ClearAsync(cancellation.Token);

Console.WriteLine("| pods | created | ready p50 ms | ready p99 ms | all ready s | process CPU s |\n| ---: | --- | ---: | ---: | ---: | ---: |");
foreach (var (count, perSecond) in ((int, double)[])[(100, 10), (110, double.PositiveInfinity)])
{
    var before = cluster.ProcessorTime;
    var result = await load.RunAsync(count, perSecond, cancellation.Token);
    var rate = double.IsInfinity(perSecond) ? "all at once" : string.Create(CultureInfo.InvariantCulture, $"{perSecond} a second");
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {count} | {rate} | {result.P50.TotalMilliseconds:N0} | {result.P99.TotalMilliseconds:N0} | {result.Whole.TotalSeconds:N1} | {(cluster.ProcessorTime - before).TotalSeconds:N1} |"));
    if (count < 110)
    {
        await load.ClearAsync(cancellation.Token);
    }
}

// What 110 pods at rest cost: the whole process, control plane included.
var idle = TimeSpan.FromSeconds(30);
var start = cluster.ProcessorTime;
await Task.Delay(idle, TimeProvider.System, cancellation.Token);
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"\n110 pods at rest: {(cluster.ProcessorTime - start) / idle * 100:N1} % of one processor, {cluster.ResidentMegabytes} MB resident"));
