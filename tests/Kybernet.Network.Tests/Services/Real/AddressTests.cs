using Kybernet.Api;
using Kybernet.Network.Processes;
using Kybernet.Network.Services.Endpoints;
using Kybernet.Network.Services.Rules;
using static Kybernet.Network.Tests.Services.Objects;

namespace Kybernet.Network.Tests.Services.Real;

/// <summary>The addresses that a Service is reached at, and the endpoints that are left to it, with real packets.</summary>
public sealed class AddressTests : TrafficTest
{
    private const string External = "192.168.99.1";

    [Fact]
    public async Task IPv6_reaches_the_endpoints_of_an_IPv6_address()
    {
        await ServeV6Async("first");
        await ServeV6Async("second");
        await ProxyAsync(Service("web", "fd96::7", Port(80)), Endpoint(FirstV6), Endpoint(SecondV6));
        var answers = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 20; i++)
        {
            answers.Add((await Kernel.RunAsync("first", ["socat", "-T5", "-", "TCP6:[fd96::7]:80,connect-timeout=3"], "", Token)).Trim());
        }
        Assert.Equal(["first", "second"], answers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_IPv6_Service_without_endpoints_refuses()
    {
        await ProxyAsync(Service("web", "fd96::7", Port(80)));
        var exception = await Assert.ThrowsAsync<NetworkToolException>(
            () => Kernel.RunAsync("first", ["socat", "-T5", "-", "TCP6:[fd96::7]:80,connect-timeout=3"], "", Token));
        Assert.Contains("Connection refused", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_external_address_leads_to_the_endpoints()
    {
        await ServeAsync("first");
        var service = Service("web", ClusterIP, Port(80));
        await ProxyAsync(service with { Spec = service.Spec with { ExternalIPs = [External] } }, Endpoint(First));
        Assert.Equal(First, (await AskAsync("outside", External + ":80")).Server);
        Assert.Equal(First, (await AskAsync("second", External + ":80")).Server);
    }

    [Fact]
    public async Task Endpoints_that_are_about_to_end_serve_where_no_other_does()
    {
        await ServeAsync("first", "second");
        await ProxyAsync(Service("web", ClusterIP, Port(80)), Endpoint(First, terminating: true), Endpoint(Second, ready: false));
        Assert.All(await AskManyAsync("second", ClusterIP + ":80"), static answer => Assert.Equal(First, answer.Server));
        await ProxyAsync(Service("web", ClusterIP, Port(80)), Endpoint(First, terminating: true), Endpoint(Second));
        Assert.All(await AskManyAsync("second", ClusterIP + ":80"), static answer => Assert.Equal(Second, answer.Server));
    }

    [Fact]
    public async Task A_node_uses_the_endpoints_that_are_meant_for_its_zone()
    {
        await ServeAsync("first", "second");
        var slice = Slice("web", 8080, "TCP", Endpoint(First, zone: "a"), Endpoint(Second, zone: "b"));
        var parts = new ServiceRules(Options).Of(Service("web", ClusterIP, Port(80)), [slice], new ProxyNode(NodeName, "b"));
        Table.Replace(new NamespacedName("default", "web"), parts.All);
        await Kernel.NftAsync(RuleScript.Of(Options.Table, Table.TakeChanges()), Token);
        Assert.All(await AskManyAsync("first", ClusterIP + ":80"), static answer => Assert.Equal(Second, answer.Server));
    }

    private Task ServeV6Async(string name) => RunServerAsync(name, "8080", "socat", "TCP6-LISTEN:8080,fork,reuseaddr", "SYSTEM:echo " + name);
}
