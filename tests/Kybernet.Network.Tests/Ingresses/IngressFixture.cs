using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client.Tests;
using Kybernet.Network.Ingresses;
using Microsoft.Extensions.Logging.Abstractions;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Tests.Ingresses;

/// <summary>The ingress on loopback ports, in front of a fake API server and real backends.</summary>
internal sealed class IngressFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<EchoServer> _servers = [];
    private readonly Task _running;
    private int _ingresses;

    public IngressFixture()
    {
        var options = new IngressOptions { ListenAddress = IPAddress.Loopback, PublishedAddress = IPAddress.Loopback, HttpPort = 0, HttpsPort = 0 };
        _running = new IngressHost(Api.Client, options, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(_stop.Token);
    }

    public FakeApi Api { get; } = new(TimeProvider.System);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IngressRule Rule(string? host, params (string Path, string Type, string Service)[] paths) => new()
    {
        Host = host,
        Http = new HTTPIngressRuleValue
        {
            Paths = [.. paths.Select(static path => new HTTPIngressPath { Path = path.Path, PathType = path.Type, Backend = Backend(path.Service) })],
        },
    };

    public static IngressBackend Backend(string service) =>
        new() { Service = new IngressServiceBackend { Name = service, Port = new ServiceBackendPort { Name = "http" } } };

    /// <summary>Makes a Service with as many endpoints as are asked for, each of which answers with the Service's name and what it was asked.</summary>
    public async Task<IReadOnlyList<EchoServer>> CreateServiceAsync(string name, int endpoints = 1, string? appProtocol = null)
    {
        await Api.Client.CreateAsync(
            new Service
            {
                Metadata = new ObjectMeta { Name = name, Namespace = "default" },
                Spec = new ServiceSpec { ClusterIP = "10.96.9.9", Ports = [new ServicePort { Name = "http", Port = 80, Protocol = "TCP", AppProtocol = appProtocol }] },
            },
            Token);
        var servers = new List<EchoServer>();
        for (var i = 0; i < endpoints; i++)
        {
            var server = await EchoServer.StartAsync($"{name}-{i}", isHttp2: appProtocol is not null, Token);
            servers.Add(server);
            await CreateEndpointAsync(name, $"{name}-{i}", server.Port);
        }
        _servers.AddRange(servers);
        return servers;
    }

    public Task CreateEndpointAsync(string service, string slice, int port, bool ready = true) => Api.Client.CreateAsync(
        new EndpointSlice
        {
            Metadata = new ObjectMeta
            {
                Name = slice,
                Namespace = "default",
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service },
            },
            AddressType = "IPv4",
            Endpoints = [new Endpoint { Addresses = ["127.0.0.1"], Conditions = new EndpointConditions { Ready = ready } }],
            Ports = [new Api.Discovery.V1.EndpointPort { Name = "http", Port = port, Protocol = "TCP" }],
        },
        Token);

    /// <summary>Creates an Ingress and waits until it says where it is served.</summary>
    public async Task<Ingress> CreateIngressAsync(IngressSpec spec)
    {
        var name = $"ingress-{++_ingresses}";
        await Api.Client.CreateAsync(new Ingress { Metadata = new ObjectMeta { Name = name, Namespace = "default" }, Spec = spec }, Token);
        Ingress? created = null;
        await Eventually.TrueAsync(
            () =>
            {
                if (_running.IsFaulted)
                {
                    _running.GetAwaiter().GetResult();
                }
                created = Api.Client.GetAsync<Ingress>("default", name, Token).GetAwaiter().GetResult();
                return created.Status.LoadBalancer?.Ingress.Count > 0;
            },
            "no address in the status");
        return created!;
    }

    /// <summary>A client that reaches the Ingress whatever the name in the URL.</summary>
    public static HttpClient Client(Ingress ingress, Action<string>? onCertificate = null)
    {
        var ports = ingress.Status.LoadBalancer!.Ingress[0].Ports;
        return new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, ports[context.DnsEndPoint.Port == 443 ? 1 : 0].Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    onCertificate?.Invoke(certificate!.Subject);
                    return true;
                },
            },
        });
    }

    /// <summary>Who answers, or the code where nobody does.</summary>
    public static async Task<string> AskAsync(HttpClient client, string url)
    {
        using var response = await client.GetAsync(new Uri(url), Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        return response.IsSuccessStatusCode ? body.Split('\n')[0] : ((int)response.StatusCode).ToString(null, null);
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
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
        _stop.Dispose();
    }
}
