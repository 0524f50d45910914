using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;
using Kybernet.Network.Dns;
using Kybernet.Network.Dns.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Network.Tests.Dns;

/// <summary>The cluster's DNS on a loopback address, in front of a fake API server.</summary>
internal sealed class DnsFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private ushort _id;

    public FakeApi Api { get; } = new(TimeProvider.System);

    public IPEndPoint Server { get; private set; } = new(IPAddress.Loopback, 0);

    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    public IPAddress? ServiceAddress { get; init; }

    /// <summary>The host's <c>resolv.conf</c>.</summary>
    public string ResolvConf { get; } = Path.GetTempFileName();

    /// <summary>What it says.</summary>
    public string HostConfiguration { get; init; } = "";

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task StartAsync()
    {
        await File.WriteAllTextAsync(ResolvConf, HostConfiguration, Token);
        var options = new ClusterDnsOptions
        {
            ListenAddress = Listen,
            Port = 0,
            MetricsPort = 0,
            ServiceAddress = ServiceAddress,
            ResolverConfiguration = ResolvConf,
        };
        var host = new ClusterDnsHost(Api.Client, options, TimeProvider.System, NullLoggerFactory.Instance);
        _running = host.RunAsync(_stop.Token);
        await await Task.WhenAny(host.Listening, _running);
        Server = await host.Listening;
    }

    public Task CreateAsync<T>(T item)
        where T : class, IResourceObject<T> => Api.Client.CreateAsync(item, Token);

    public Task CreateNamespaceAsync(string name) => CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = name } });

    public Task<Resolution> AskAsync(string name, RecordType type) => AskAsync(WireName.Parse(name), type);

    public async Task<Resolution> AskAsync(byte[] name, RecordType type)
    {
        var id = ++_id;
        var message = await ExchangeAsync(QueryWriter.Write(id, name, type, wantsDnssec: false), Listen);
        Assert.True(MessageReader.TryRead(message, id, name, type, out var resolution, out var isTruncated));
        Assert.False(isTruncated);
        return resolution;
    }

    /// <summary>Asks as somebody with another address of the loopback network would.</summary>
    public async Task<Resolution> AskFromAsync(IPAddress client, string name, RecordType type)
    {
        var wire = WireName.Parse(name);
        var message = await ExchangeAsync(QueryWriter.Write(1, wire, type, wantsDnssec: false), client);
        Assert.True(MessageReader.TryRead(message, 1, wire, type, out var resolution, out _));
        return resolution;
    }

    /// <summary>Sends any bytes and waits for what comes back.</summary>
    public async Task<byte[]> ExchangeAsync(byte[] message, IPAddress client)
    {
        using var socket = new Socket(Server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(client, 0));
        await socket.ConnectAsync(Server, Token);
        await socket.SendAsync(message, SocketFlags.None, Token);
        var buffer = new byte[4096];
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(3));
        return buffer[..await socket.ReceiveAsync(buffer, SocketFlags.None, deadline.Token)];
    }

    /// <summary>The addresses that a name has, in the order of their text.</summary>
    public async Task<string[]> AddressesAsync(string name, RecordType type = RecordType.A)
    {
        var resolution = await AskAsync(name, type);
        return [.. resolution.Answers.Where(record => record.Type == type).Select(static record => new IPAddress(record.Data).ToString()).Order()];
    }

    /// <summary>The names that a name leads to: of CNAME and PTR records the name, of SRV records all there is.</summary>
    public async Task<string[]> TargetsAsync(string name, RecordType type)
    {
        var resolution = await AskAsync(name, type);
        return
        [
            .. resolution.Answers.Where(record => record.Type == type).Select(static record => record.Type == RecordType.Srv
                ? $"{record.Data[1]} {record.Data[3]} {(record.Data[4] << 8) | record.Data[5]} {WireName.ToText(record.Target)}"
                : WireName.ToText(record.Target)).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What <c>dig</c> prints.</summary>
    public async Task<string> DigAsync(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dig"), "needs dig, of Debian's bind9-dnsutils");
        using var process = Process.Start(new ProcessStartInfo(
            "/usr/bin/dig", [$"@{Server.Address}", "-p", Server.Port.ToString(null, null), "+time=5", "+tries=1", .. arguments]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // asked to end
        }
        _stop.Dispose();
        File.Delete(ResolvConf);
    }
}
