using System.Diagnostics;
using System.Globalization;
using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;
using Kybernet.Dns.Bench;
using Kybernet.Network.Dns;
using Microsoft.Extensions.Logging.Abstractions;

// kybernet-dns-bench [seconds] [window]: starts a server in a process of its own and asks it, over loopback, as fast as it answers.
if (args is ["serve"])
{
    await ServeAsync();
    return;
}

var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
var window = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 32;
using var server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve"]) { RedirectStandardOutput = true })!;
try
{
    var endPoint = IPEndPoint.Parse((await server.StandardOutput.ReadLineAsync())!);
    Console.WriteLine("| questions | a second | p50 ms | p99 ms | server µs each |\n| --- | ---: | ---: | ---: | ---: |");
    foreach (var questions in (Questions[])[Questions.Addresses, Questions.Ports, Questions.Missing, Questions.Mixed])
    {
        Load.Run(endPoint, questions, window, TimeSpan.FromSeconds(1)); // warms up
        var before = server.TotalProcessorTime;
        var result = Load.Run(endPoint, questions, window, TimeSpan.FromSeconds(seconds));
        server.Refresh();
        var cost = (server.TotalProcessorTime - before).TotalMicroseconds / result.Answers;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {questions} | {result.PerSecond:N0} | {result.P50:N2} | {result.P99:N2} | {cost:N1} |"));
    }
}
finally
{
    server.Kill();
}

static async Task ServeAsync()
{
    var api = new FakeApi(TimeProvider.System);
    for (var i = 0; i < Load.Services; i++)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"10.96.{i / 250}.{i % 250}");
        await api.Client.CreateAsync(
            new Service
            {
                Metadata = new ObjectMeta { Name = $"service-{i}", Namespace = "default" },
                Spec = new ServiceSpec { ClusterIP = address, ClusterIPs = [address], Ports = [new ServicePort { Name = "http", Port = 80, Protocol = "TCP" }] },
            },
            CancellationToken.None);
    }
    var options = new ClusterDnsOptions { ListenAddress = IPAddress.Loopback, Port = 0, MetricsPort = 0 };
    var host = new ClusterDnsHost(api.Client, options, TimeProvider.System, NullLoggerFactory.Instance);
    var running = host.RunAsync(CancellationToken.None);
    Console.WriteLine(await host.Listening);
    await running;
}
