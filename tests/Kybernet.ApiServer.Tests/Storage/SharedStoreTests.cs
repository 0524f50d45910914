using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Hosting;
using Kybernet.Client;
using Kybernet.EtcdHarness;
using Kybernet.Store.Etcd;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.ApiServer.Tests.Storage;

/// <summary>Two API servers of one etcd: each is to its clients as if it were alone.</summary>
public sealed class SharedStoreTests : IAsyncLifetime
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Services = "/api/v1/namespaces/default/services";
    private const int FirstPort = 30000;
    private const int Ports = 40;
    private readonly string _key = NewKey();
    private EtcdCluster _etcd = null!;
    private Server[] _servers = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _etcd = await EtcdCluster.StartAsync(new EtcdClusterOptions(), Cancelled);
        // Both at once: neither finds what every cluster has, and both make it.
        _servers = await Task.WhenAll(StartAsync(), StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.Host.DisposeAsync();
            await server.Store.DisposeAsync();
        }
        await _etcd.DisposeAsync();
    }

    [Fact]
    public async Task What_one_server_acknowledged_the_other_answers_with()
    {
        for (var i = 0; i < 50; i++)
        {
            var (writer, reader) = (_servers[i % 2], _servers[(i + 1) % 2]);
            Assert.Equal(201, (await SendAsync(writer, HttpMethod.Post, ConfigMaps, ConfigMap($"m{i}", "0"))).Code);
            Assert.Equal(200, (await SendAsync(reader, HttpMethod.Get, $"{ConfigMaps}/m{i}")).Code);
            var (_, list) = await SendAsync(reader, HttpMethod.Get, ConfigMaps);
            Assert.Contains(list!["items"]!.AsArray(), item => (string?)item!["metadata"]!["name"] == $"m{i}");
        }
    }

    [Fact]
    public async Task Updates_through_both_servers_conflict_or_count_and_none_is_lost()
    {
        const int writers = 6, each = 15;
        await SendAsync(_servers[0], HttpMethod.Post, ConfigMaps, ConfigMap("counter", "0"));
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var done = 0; done < each;)
            {
                var (_, counter) = await SendAsync(_servers[(writer + done) % 2], HttpMethod.Get, $"{ConfigMaps}/counter");
                counter!["data"]!["count"] = (int.Parse((string)counter["data"]!["count"]!, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
                var (code, _) = await SendAsync(_servers[writer % 2], HttpMethod.Put, $"{ConfigMaps}/counter", counter.ToJsonString());
                Assert.True(code is 200 or 409, $"{code}");
                done += code == 200 ? 1 : 0;
            }
        })));
        var (_, final) = await SendAsync(_servers[1], HttpMethod.Get, $"{ConfigMaps}/counter");
        Assert.Equal($"{writers * each}", (string?)final!["data"]!["count"]);
    }

    [Fact]
    public async Task Services_made_through_both_servers_at_once_never_share_an_address_or_a_port()
    {
        const int services = 60;
        // A small range of ports, so that both servers keep choosing the same.
        var replies = await Task.WhenAll(Enumerable.Range(0, services).Select(i => Task.Run(() => SendAsync(_servers[i % 2], HttpMethod.Post, Services, NodePortService($"s{i}")))));
        Assert.Equal(Ports, replies.Count(static reply => reply.Code == 201));
        Assert.All(replies, static reply => Assert.True(reply.Code is 201 or 500, $"{reply.Code}")); // 500 is what upstream says of a range that is full
        var made = replies.Where(static reply => reply.Code == 201).Select(static reply => reply.Body!).ToList();
        Assert.Equal(Ports, made.Select(static service => (string)service["spec"]!["clusterIP"]!).Distinct().Count());
        Assert.Equal(Ports, made.Select(static service => (int)service["spec"]!["ports"]![0]!["nodePort"]!).Distinct().Count());
        Assert.Equal(await AddressesOfServicesAsync(), await ReservedAddressesAsync());

        await Task.WhenAll(made.Select((service, i) => SendAsync(_servers[i % 2], HttpMethod.Delete, $"{Services}/{(string)service["metadata"]!["name"]!}")));
        Assert.Equal(await AddressesOfServicesAsync(), await ReservedAddressesAsync());
        Assert.Equal(201, (await SendAsync(_servers[1], HttpMethod.Post, Services, NodePortService("again"))).Code);
    }

    [Fact]
    public async Task Of_two_servers_asked_for_the_same_address_or_port_one_refuses()
    {
        for (var i = 0; i < 10; i++)
        {
            var wanted = NodePortService($"NAME{i}", $"10.96.3.{i + 1}", FirstPort + i);
            var codes = await Task.WhenAll(_servers.Select((server, s) => Task.Run(async () =>
                (await SendAsync(server, HttpMethod.Post, Services, wanted.Replace("NAME", $"server{s}-", StringComparison.Ordinal))).Code)));
            Assert.Equal([201, 422], codes.Order());
        }
        Assert.Equal(await AddressesOfServicesAsync(), await ReservedAddressesAsync());
    }

    [Fact]
    public async Task Watchers_of_both_servers_see_the_same_events_in_the_same_order()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromSeconds(90));
        var (_, list) = await SendAsync(_servers[0], HttpMethod.Get, ConfigMaps);
        var from = (string)list!["metadata"]!["resourceVersion"]!;
        var watching = _servers.Select(server => WatchAsync(server, from, deadline.Token)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(async () =>
        {
            await SendAsync(_servers[i % 2], HttpMethod.Post, ConfigMaps, ConfigMap($"w{i}", "0"));
            await SendAsync(_servers[(i + 1) % 2], HttpMethod.Put, $"{ConfigMaps}/w{i}", ConfigMap($"w{i}", "1"));
            await SendAsync(_servers[i % 2], HttpMethod.Delete, $"{ConfigMaps}/w{i}");
        })));
        await SendAsync(_servers[0], HttpMethod.Post, ConfigMaps, ConfigMap("end", "0"));
        var seen = await Task.WhenAll(watching);
        Assert.Equal((60 * 3) + 1, seen[0].Count);
        Assert.Equal(seen[0], seen[1]);
    }

    private static async Task<List<string>> WatchAsync(Server server, string from, CancellationToken cancellationToken)
    {
        var seen = new List<string>();
        await foreach (var change in server.Admin.WatchAsync(new ApiCall(HttpMethod.Get, $"{ConfigMaps}?watch=true&resourceVersion={from}"), cancellationToken))
        {
            var header = change.Object.Header;
            seen.Add($"{change.Type} {header.Name} {header.ResourceVersion}");
            if (header.Name == "end")
            {
                break;
            }
        }
        return seen;
    }

    private static string ConfigMap(string name, string count) =>
        new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["count"] = count } }.ToJsonString();

    private static string NodePortService(string name, string address = "", int port = 0) => $$"""
        { "metadata": { "name": "{{name}}" }, "spec": { "type": "NodePort", "clusterIP": "{{address}}", "ports": [{ "port": 80, "nodePort": {{port}} }] } }
        """;

    private async Task<List<string>> AddressesOfServicesAsync()
    {
        var (_, list) = await SendAsync(_servers[0], HttpMethod.Get, "/api/v1/services");
        return [.. list!["items"]!.AsArray().Select(static service => (string)service!["spec"]!["clusterIP"]!).Order(StringComparer.Ordinal)];
    }

    private async Task<List<string>> ReservedAddressesAsync()
    {
        var (_, list) = await SendAsync(_servers[1], HttpMethod.Get, "/apis/networking.k8s.io/v1/ipaddresses");
        return [.. list!["items"]!.AsArray().Select(static address => (string)address!["metadata"]!["name"]!).Order(StringComparer.Ordinal)];
    }

    private static async Task<(int Code, JsonNode? Body)> SendAsync(Server server, HttpMethod method, string path, string body = "")
    {
        var reply = await server.Admin.SendAsync(new ApiCall(method, path) { Body = Encoding.UTF8.GetBytes(body), ContentType = "application/json" }, Cancelled);
        return (reply.StatusCode, reply.Body.IsEmpty ? null : JsonNode.Parse(reply.Body.Span));
    }

    private static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private async Task<Server> StartAsync()
    {
        var store = new EtcdStore(_etcd.StoreOptions);
        var options = new ApiServerOptions { ServiceAccountKeyPem = _key, NodePorts = (FirstPort, FirstPort + Ports - 1) };
        var host = await ApiServerHost.StartAsync(store, options, TimeProvider.System, NullLoggerFactory.Instance, Cancelled);
        return new Server(store, host, host.ConnectAs(new UserInfo("admin", ["system:masters", "system:authenticated"])));
    }

    private sealed record Server(EtcdStore Store, ApiServerHost Host, IApiTransport Admin);
}
