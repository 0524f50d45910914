using System.Diagnostics;
using System.Globalization;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client.Tests;
using Kybernet.Ingress.Bench;
using Kybernet.Network.Ingresses;
using Microsoft.Extensions.Logging.Abstractions;
using IPAddress = System.Net.IPAddress;

// kybernet-ingress-bench [seconds] [connections]: the ingress and Debian's nginx in front of the same backend, in turn. Needs nginx and wrk.
if (args is ["serve", var backend])
{
    await ServeAsync(int.Parse(backend, CultureInfo.InvariantCulture));
    return;
}

var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
var connections = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 32;
const string Host = "web.test";
using var nginx = Nginx.Start();
using var server = Process.Start(new ProcessStartInfo(
    Environment.ProcessPath!, ["serve", nginx.BackendPort.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
try
{
    var port = int.Parse((await server.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
    var (ours, theirs, alone) = ($"http://127.0.0.1:{port}/", $"http://127.0.0.1:{nginx.ProxyPort}/", $"http://127.0.0.1:{nginx.BackendPort}/");
    Wrk.Run(ours, Host, connections, 3); // warms up
    Console.WriteLine("| in front of the backend | a second | p50 | p99 | proxy µs each |\n| --- | ---: | ---: | ---: | ---: |");
    Print("nothing", Wrk.Run(alone, Host, connections, seconds), 0);
    for (var round = 0; round < 2; round++) // in turn, so that what else the machine does falls on both
    {
        var before = server.TotalProcessorTime;
        var mine = Wrk.Run(ours, Host, connections, seconds);
        server.Refresh();
        Print("kybernet", mine, (server.TotalProcessorTime - before).TotalMicroseconds / mine.Requests);
        var spent = nginx.ProxyProcessorTime;
        var other = Wrk.Run(theirs, Host, connections, seconds);
        Print("nginx", other, (nginx.ProxyProcessorTime - spent).TotalMicroseconds / other.Requests);
    }
}
finally
{
    server.Kill();
}

static void Print(string name, WrkResult result, double cost) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"| {name} | {result.PerSecond:N0} | {result.P50} | {result.P99} | {cost:N1} |"));

static async Task ServeAsync(int backendPort)
{
    var api = new FakeApi(TimeProvider.System);
    await api.Client.CreateAsync(
        new Service
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = "default" },
            Spec = new ServiceSpec { ClusterIP = "10.96.0.20", Ports = [new ServicePort { Name = "http", Port = 80, Protocol = "TCP" }] },
        },
        CancellationToken.None);
    await api.Client.CreateAsync(
        new EndpointSlice
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "web" } },
            AddressType = "IPv4",
            Endpoints = [new Endpoint { Addresses = ["127.0.0.1"] }],
            Ports = [new Kybernet.Api.Discovery.V1.EndpointPort { Name = "http", Port = backendPort, Protocol = "TCP" }],
        },
        CancellationToken.None);
    await api.Client.CreateAsync(
        new Kybernet.Api.Networking.V1.Ingress
        {
            Metadata = new ObjectMeta { Name = "web", Namespace = "default" },
            Spec = new IngressSpec
            {
                Rules =
                [
                    new IngressRule
                    {
                        Host = "web.test",
                        Http = new HTTPIngressRuleValue
                        {
                            Paths =
                            [
                                new HTTPIngressPath
                                {
                                    Path = "/",
                                    PathType = "Prefix",
                                    Backend = new IngressBackend { Service = new IngressServiceBackend { Name = "web", Port = new ServiceBackendPort { Number = 80 } } },
                                },
                            ],
                        },
                    },
                ],
            },
        },
        CancellationToken.None);
    var options = new IngressOptions { ListenAddress = IPAddress.Loopback, PublishedAddress = IPAddress.Loopback, HttpPort = 0, HttpsPort = 0 };
    var running = new IngressHost(api.Client, options, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(CancellationToken.None);
    while (true)
    {
        var ingress = await api.Client.GetAsync<Kybernet.Api.Networking.V1.Ingress>("default", "web", CancellationToken.None);
        if (ingress.Status.LoadBalancer?.Ingress is [var where, ..])
        {
            Console.WriteLine(where.Ports[0].Port);
            break;
        }
        await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
    }
    await running;
}
