using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;
using Kybernet.Network.Services;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Services.Bench;

/// <summary>An API server that is a dictionary, so many Services in it, and the proxy that takes them to the kernel of this network namespace.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>The address of the only endpoint that answers.</summary>
    public const string Backend = "10.77.0.1";

    private const string Table = "bench";
    private const int Port = 8080;
    private const int EndpointsEach = 3;

    private readonly FakeApi _api = new(TimeProvider.System);
    private readonly CancellationTokenSource _ending = new();
    private Process? _monitor;
    private Task _proxy = Task.CompletedTask;

    /// <summary>Makes the Services and waits until the last one is in the kernel.</summary>
    public static async Task<Cluster> StartAsync(int services)
    {
        var cluster = new Cluster();
        for (var i = 0; i < services; i++)
        {
            await cluster.CreateAsync(i);
        }
        await cluster._api.Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "node" } }, CancellationToken.None);
        var options = new ServiceProxyOptions { NodeName = "node", Table = Table };
        cluster._proxy = new ServiceProxyHost(cluster._api.Client, options, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(cluster._ending.Token);
        while (!await HasAsync(Address(services - 1)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
        return cluster;
    }

    /// <summary>Changes an endpoint of one Service again and again.</summary>
    /// <returns>How long each took from the request until the kernel told of the new element.</returns>
    public async Task<List<TimeSpan>> ChangeAsync(int changes)
    {
        // The kernel tells of a change when it has it; who begins to listen hears only what comes later.
        _monitor = Process.Start(new ProcessStartInfo("sh", ["-c", "exec nft monitor elements 2>/dev/null"]) { RedirectStandardOutput = true })!;
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        var times = new List<TimeSpan>();
        for (var i = 0; i < changes; i++)
        {
            var address = string.Create(CultureInfo.InvariantCulture, $"10.78.{i / 250}.{(i % 250) + 1}");
            var known = await _api.Client.GetAsync<EndpointSlice>("default", "service-0", CancellationToken.None);
            var begin = TimeProvider.System.GetTimestamp();
            await _api.Client.UpdateAsync(known with { Endpoints = [EndpointAt(Backend), EndpointAt(address)] }, CancellationToken.None);
            await SeesAsync(address);
            times.Add(TimeProvider.System.GetElapsedTime(begin));
        }
        return times;
    }

    /// <summary>Connects to the endpoint itself and through the last Service, in turn.</summary>
    public async Task<(List<TimeSpan> Direct, List<TimeSpan> Through)> ConnectAsync(int connections)
    {
        using var listener = new TcpListener(IPAddress.Parse(Backend), Port);
        listener.Start();
        var accepting = AcceptAsync(listener, connections * 2);
        var (direct, through) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = 0; i < connections; i++)
        {
            direct.Add(Connect(IPAddress.Parse(Backend), Port));
            through.Add(Connect(IPAddress.Parse(Address(0)), 80));
        }
        await accepting;
        return (direct, through);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _proxy.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _monitor?.Kill();
        _monitor?.Dispose();
        using var delete = Process.Start("nft", ["delete", "table", "inet", Table]);
        await delete.WaitForExitAsync();
        _ending.Dispose();
    }

    private static TimeSpan Connect(IPAddress address, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
        var begin = TimeProvider.System.GetTimestamp();
        socket.Connect(address, port);
        return TimeProvider.System.GetElapsedTime(begin);
    }

    private static async Task AcceptAsync(TcpListener listener, int connections)
    {
        for (var i = 0; i < connections; i++)
        {
            using var accepted = await listener.AcceptSocketAsync();
        }
    }

    private static string Address(int service) => string.Create(CultureInfo.InvariantCulture, $"10.96.{service / 250}.{(service % 250) + 1}");

    private static Endpoint EndpointAt(string address) =>
        new() { Addresses = [address], NodeName = "node", Conditions = new EndpointConditions { Ready = true } };

    private async Task CreateAsync(int service)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"service-{service}");
        var address = Address(service);
        await _api.Client.CreateAsync(
            new Service
            {
                Metadata = new ObjectMeta { Name = name, Namespace = "default" },
                Spec = new ServiceSpec { ClusterIP = address, ClusterIPs = [address], Ports = [new ServicePort { Name = "http", Port = 80, Protocol = "TCP", TargetPort = Port }] },
            },
            CancellationToken.None);
        // The first leads to who answers; the others to three endpoints each, as Services do.
        var endpoints = service == 0
            ? [EndpointAt(Backend)]
            : Enumerable.Range(0, EndpointsEach).Select(i => EndpointAt(string.Create(CultureInfo.InvariantCulture, $"10.{80 + i}.{service / 250}.{(service % 250) + 1}")));
        await _api.Client.CreateAsync(
            new EndpointSlice
            {
                Metadata = new ObjectMeta { Name = name, Namespace = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = name } },
                AddressType = "IPv4",
                Ports = [new Api.Discovery.V1.EndpointPort { Name = "http", Port = Port, Protocol = "TCP" }],
                Endpoints = [.. endpoints],
            },
            CancellationToken.None);
    }

    private static async Task<bool> HasAsync(string address)
    {
        using var get = Process.Start(new ProcessStartInfo("nft", ["get", "element", "inet", Table, "service-ips-4", $"{{ {address} . tcp . 80 }}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await get.WaitForExitAsync();
        return get.ExitCode == 0;
    }

    /// <summary>Reads what the kernel tells of elements until an address is in it.</summary>
    private async Task SeesAsync(string address)
    {
        while (await _monitor!.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("add", StringComparison.Ordinal) && line.Contains(address + " ", StringComparison.Ordinal))
            {
                return;
            }
        }
    }
}
