using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Yaml;
using Kybernet.Client;
using Kybernet.Client.Tests;
using Kybernet.Network.Gateways;
using Kybernet.Network.Tests.Ingresses;
using Microsoft.Extensions.Logging.Abstractions;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Tests.Gateways;

/// <summary>
/// The gateways on loopback ports, in front of a fake API server and real backends. It stands for the load balancer too: every Service of a Gateway gets
/// an address at once. Unless a test says otherwise, what it names is in the namespace <c>infra</c>.
/// </summary>
internal sealed class GatewayFixture : IAsyncDisposable
{
    public const string Namespace = "infra";
    public const string Address = "192.0.2.10";
    public const string ClusterAddress = "10.96.1.1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<EchoServer> _servers = [];
    private readonly Task _running;
    private readonly Task _balancing;
    private readonly bool _hasLoadBalancer;

    /// <param name="hasLoadBalancer">Whether there is a load balancer; without, Services only get an address of the cluster.</param>
    public GatewayFixture(bool hasLoadBalancer = true)
    {
        var options = new GatewayOptions { ListenAddress = IPAddress.Loopback };
        if (!hasLoadBalancer)
        {
            options = options with { LoadBalancerPatience = TimeSpan.FromMilliseconds(200) };
        }
        _hasLoadBalancer = hasLoadBalancer;
        _balancing = BalanceAsync(_stop.Token);
        _running = new GatewayHost(Api.Client, options, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(_stop.Token);
    }

    public FakeApi Api { get; } = new(TimeProvider.System);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The address that is given beside <see cref="Address"/>, to who asks for it.</summary>
    public string? UsableAddress { get; set; }

    /// <summary>Makes objects from YAML; where they say no namespace, in <see cref="Namespace"/>.</summary>
    public async Task ApplyAsync(string yaml)
    {
        foreach (var node in YamlReader.ReadAll(yaml))
        {
            await ApplyAsync(node.AsObject());
        }
    }

    /// <summary>Makes a Service of one port, 8080, and an endpoint of it that answers with <c>NAMESPACE/NAME</c> first.</summary>
    public async Task<EchoServer> CreateBackendAsync(string name, string @namespace = Namespace, string? appProtocol = null, bool isHttp2 = false, bool hasEndpoint = true)
    {
        await Api.Client.CreateAsync(
            new Service
            {
                Metadata = new ObjectMeta { Name = name, Namespace = @namespace },
                Spec = new ServiceSpec { ClusterIP = "10.96.9.9", Ports = [new ServicePort { Name = "main", Port = 8080, Protocol = "TCP", AppProtocol = appProtocol }] },
            },
            Token);
        var server = Own(await EchoServer.StartAsync($"{@namespace}/{name}", isHttp2, Token));
        if (hasEndpoint)
        {
            await CreateEndpointAsync(name, server.Port, @namespace);
        }
        return server;
    }

    /// <summary>Ends a server with the fixture.</summary>
    public EchoServer Own(EchoServer server)
    {
        _servers.Add(server);
        return server;
    }

    public Task CreateEndpointAsync(string service, int port, string @namespace = Namespace) => Api.Client.CreateAsync(
        new EndpointSlice
        {
            Metadata = new ObjectMeta { Name = service, Namespace = @namespace, Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
            AddressType = "IPv4",
            Endpoints = [new Endpoint { Addresses = ["127.0.0.1"], Conditions = new EndpointConditions { Ready = true } }],
            Ports = [new Api.Discovery.V1.EndpointPort { Name = "main", Port = port, Protocol = "TCP" }],
        },
        Token);

    public Task CreateNamespaceAsync(string name, string? labels = null) =>
        ApplyAsync($"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}");

    /// <summary>Waits until a Gateway is as is wished for.</summary>
    public Task<Gateway> GatewayAsync(string name, Func<Gateway, bool>? condition = null, string @namespace = Namespace) =>
        WaitAsync(@namespace, name, condition ?? IsProgrammed);

    /// <summary>Waits until a Gateway is up and a route is at it.</summary>
    public async Task<GatewayClient> ServedAsync(string gateway, params string[] routes)
    {
        await GatewayAsync(gateway);
        foreach (var route in routes)
        {
            await HttpRouteAsync(route, "Accepted=True/Accepted");
        }
        return await ClientAsync(gateway);
    }

    /// <summary>A client of a Gateway.</summary>
    public async Task<GatewayClient> ClientAsync(string gateway) => new(await PortsAsync(gateway));

    /// <summary>Waits until each condition is there that is wished for, such as <c>Accepted=False/NoMatchingParent</c>, at all parents that are this controller's.</summary>
    public Task<HTTPRoute> HttpRouteAsync(string name, params string[] conditions) => HttpRouteAsync(Namespace, name, conditions);

    public Task<HTTPRoute> HttpRouteAsync(string @namespace, string name, string[] conditions) =>
        WaitAsync<HTTPRoute>(@namespace, name, route => HasAll(route.Status, conditions));

    public Task<GRPCRoute> GrpcRouteAsync(string name, params string[] conditions) => WaitAsync<GRPCRoute>(Namespace, name, route => HasAll(route.Status, conditions));

    public Task<TLSRoute> TlsRouteAsync(string name, params string[] conditions) => WaitAsync<TLSRoute>(Namespace, name, route => HasAll(route.Status, conditions));

    /// <summary>Waits until a listener says what is wished for.</summary>
    public Task<Gateway> ListenerAsync(string gateway, string listener, params string[] conditions) => GatewayAsync(
        gateway, item => item.Status.Listeners.FirstOrDefault(status => status.Name == listener) is { } found && conditions.All(wanted => Has(found.Conditions, wanted)));

    /// <summary>Whether a condition is there, spelt as <c>Type=Status/Reason</c>.</summary>
    public static bool Has(IReadOnlyList<Condition> conditions, string wanted) =>
        conditions.Any(condition => $"{condition.Type}={condition.Status}/{condition.Reason}" == wanted);

    public static bool IsProgrammed(Gateway gateway) => Has(gateway.Status.Conditions, "Programmed=True/Programmed");

    /// <summary>Reads an object until it is as is wished for.</summary>
    public async Task<T> WaitAsync<T>(string @namespace, string name, Func<T, bool> condition)
        where T : class, IResourceObject<T>
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        while (true)
        {
            if (_running.IsCompleted)
            {
                await _running;
            }
            var found = await Api.Client.FindAsync<T>(@namespace, name, Token);
            if (found is not null && condition(found))
            {
                return found;
            }
            Assert.False(deadline.IsCancellationRequested, $"waited in vain: {(found is null ? $"there is no {name}" : ModelJson.ToText(found))}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    /// <summary>Asks until the answer is as is wished for.</summary>
    public static async Task BecomesAsync(Func<Task<string>> ask, string wanted)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        while (await TryAsync(ask) is var answer && answer != wanted)
        {
            Assert.False(deadline.IsCancellationRequested, $"{answer}, not {wanted}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    /// <summary>Waits until a backend has been asked what is wished for.</summary>
    public static async Task SeenAsync(EchoServer server, Func<IReadOnlyCollection<string>, bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition(server.Requests))
        {
            Assert.False(deadline.IsCancellationRequested, $"it was asked only: {string.Join("; ", server.Requests)}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    /// <summary>Waits until nobody listens at a port any more.</summary>
    public async Task RefusedAsync(GatewayClient client, int port)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        while (await client.IsOpenAsync(port, Token))
        {
            Assert.False(deadline.IsCancellationRequested, $"port {port} is still open");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running, _balancing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
        _stop.Dispose();
    }

    /// <summary>Where the ports of a Gateway are listened on.</summary>
    private async Task<IReadOnlyDictionary<int, int>> PortsAsync(string gateway)
    {
        var name = GatewayService.NameOf(await Api.Client.GetAsync<Gateway>(Namespace, gateway, Token));
        var slice = await Api.Client.GetAsync<EndpointSlice>(name.Namespace, name.Name, Token);
        return slice.Ports.ToDictionary(static port => int.Parse(port.Name!["port-".Length..], null), static port => port.Port!.Value);
    }

    /// <summary>What is not open yet does not answer.</summary>
    private static async Task<string> TryAsync(Func<Task<string>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return e.Message;
        }
    }

    private static bool HasAll(RouteStatus status, string[] conditions)
    {
        var own = status.Parents.Where(static parent => parent.ControllerName == GatewayApi.Controller).ToList();
        return own.Count > 0 && own.All(parent => conditions.All(wanted => Has(parent.Conditions, wanted)));
    }

    private async Task ApplyAsync(JsonObject item)
    {
        var apiVersion = item["apiVersion"]!.GetValue<string>();
        var kind = item["kind"]!.GetValue<string>();
        var metadata = item["metadata"]!.AsObject();
        var isCluster = kind is "Namespace" or "GatewayClass";
        if (!isCluster)
        {
            metadata["namespace"] ??= Namespace;
        }
        var plural = kind.ToLowerInvariant() + (kind.EndsWith('s') ? "es" : "s");
        plural = plural.EndsWith("ys", StringComparison.Ordinal) && plural != "gateways" ? plural[..^2] + "ies" : plural;
        var path = (apiVersion.Contains('/') ? $"/apis/{apiVersion}" : $"/api/{apiVersion}") + (isCluster ? "" : $"/namespaces/{metadata["namespace"]}") + $"/{plural}";
        var reply = await Api.Client.Transport.SendAsync(new ApiCall(HttpMethod.Post, path) { Body = ModelJson.ToUtf8(item) }, Token);
        if (reply.StatusCode == 409)
        {
            reply = await Api.Client.Transport.SendAsync(new ApiCall(HttpMethod.Put, $"{path}/{metadata["name"]}") { Body = ModelJson.ToUtf8(item) }, Token);
        }
        ApiClient.ThrowIfFailed(reply);
    }

    private async Task BalanceAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (var service in await Api.Client.ListAsync<Service>("", ListSelection.All, cancellationToken))
            {
                if (!_hasLoadBalancer && service.Spec is { Type: "LoadBalancer", ClusterIPs.Count: 0 })
                {
                    await TryAsync(Api.Client.UpdateAsync(service with { Spec = service.Spec with { ClusterIPs = [ClusterAddress] } }, cancellationToken));
                }
                var asked = service.Spec.LoadBalancerIP ?? Address;
                var given = asked == Address || asked == UsableAddress ? asked : null;
                if (_hasLoadBalancer && service.Spec.Type == "LoadBalancer" && service.Status.LoadBalancer?.Ingress.FirstOrDefault()?.Ip != given)
                {
                    var status = new LoadBalancerStatus { Ingress = given is null ? [] : [new LoadBalancerIngress { Ip = given }] };
                    await TryAsync(Api.Client.UpdateStatusAsync(service with { Status = service.Status with { LoadBalancer = status } }, cancellationToken));
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task TryAsync(Task update)
    {
        try
        {
            await update;
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // the next round sees what it is now
        }
    }
}
