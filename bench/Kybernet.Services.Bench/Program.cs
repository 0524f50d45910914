using System.Diagnostics;
using System.Globalization;
using Kybernet.Services.Bench;

// kybernet-services-bench [changes] [connections]: how soon a change of endpoints is in the kernel, and what a Service costs a connection's first packet.
// Needs root: it works in a network namespace of its own.
const string Inside = "inside";
if (args is not [Inside, ..])
{
    var name = $"kybernet-bench-{Environment.ProcessId}";
    await RunAsync("ip", "netns", "add", name);
    try
    {
        return await RunAsync("ip", ["netns", "exec", name, Environment.ProcessPath!, Inside, .. args]);
    }
    finally
    {
        await RunAsync("ip", "netns", "delete", name);
    }
}

var changes = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100;
var connections = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 2000;
// What no route leads to is refused before any rule sees it.
await RunAsync("sh", "-c", $"ip link set lo up; ip address add {Cluster.Backend}/32 dev lo; ip link add away type veth peer name far; ip link set away up; ip link set far up; ip route add default dev away");
Console.WriteLine("| Services | changes | in the kernel p50 ms | p99 ms |\n| ---: | ---: | ---: | ---: |");
foreach (var services in (int[])[1, 1000, 10_000])
{
    await using var cluster = await Cluster.StartAsync(services);
    var times = await cluster.ChangeAsync(changes);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {services:N0} | {changes} | {At(times, 50):N1} | {At(times, 99):N1} |"));
}
Console.WriteLine("\n| Services | connections | to the endpoint p50 µs | p99 µs | through the Service p50 µs | p99 µs |\n| ---: | ---: | ---: | ---: | ---: | ---: |");
foreach (var services in (int[])[10, 10_000])
{
    await using var cluster = await Cluster.StartAsync(services);
    var (direct, through) = await cluster.ConnectAsync(connections);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {services:N0} | {connections} | {At(direct, 50) * 1000:N0} | {At(direct, 99) * 1000:N0} | {At(through, 50) * 1000:N0} | {At(through, 99) * 1000:N0} |"));
}
return 0;

static double At(List<TimeSpan> times, int percent)
{
    times.Sort();
    return times[Math.Min(times.Count * percent / 100, times.Count - 1)].TotalMilliseconds;
}

static async Task<int> RunAsync(string program, params string[] arguments)
{
    using var process = Process.Start(program, arguments);
    await process.WaitForExitAsync();
    return process.ExitCode;
}
