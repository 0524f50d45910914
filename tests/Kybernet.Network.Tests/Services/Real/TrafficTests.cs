using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Network.Processes;
using Kybernet.Network.Services.Rules;
using static Kybernet.Network.Tests.Services.Objects;

namespace Kybernet.Network.Tests.Services.Real;

/// <summary>Sends packets through the rules, in the kernel.</summary>
public sealed class TrafficTests : TrafficTest
{
    [Fact]
    public async Task A_pod_reaches_itself_and_others_by_the_cluster_address()
    {
        await ServeAsync("first", "second");
        await ProxyAsync(Service("web", ClusterIP, Port(80)), Endpoint(First), Endpoint(Second));
        var answers = await AskManyAsync("first", ClusterIP + ":80");
        Assert.Equal([First, Second], answers.Select(static answer => answer.Server).Distinct().Order(StringComparer.Ordinal));
        Assert.All(answers.Where(static answer => answer.Server == Second), static answer => Assert.Equal(First, answer.Client)); // a pod keeps its address
    }

    [Fact]
    public async Task An_endpoint_that_goes_gets_nothing_more()
    {
        await ServeAsync("first", "second");
        var service = Service("web", ClusterIP, Port(80));
        await ProxyAsync(service, Endpoint(First), Endpoint(Second));
        await ProxyAsync(service, Endpoint(Second));
        Assert.All(await AskManyAsync("first", ClusterIP + ":80"), static answer => Assert.Equal(Second, answer.Server));
    }

    [Fact]
    public async Task A_client_with_affinity_stays_with_its_endpoint()
    {
        await ServeAsync("first", "second");
        var service = Service("web", ClusterIP, Port(80));
        await ProxyAsync(service with { Spec = service.Spec with { SessionAffinity = "ClientIP" } }, Endpoint(First), Endpoint(Second));
        Assert.Single((await AskManyAsync("second", ClusterIP + ":80")).Select(static answer => answer.Server).Distinct());
    }

    [Fact]
    public async Task From_outside_a_node_port_leads_to_an_endpoint_under_the_address_of_the_node()
    {
        await ServeAsync("first");
        await ProxyAsync(Service("web", ClusterIP, Port(80, nodePort: 30080)), Endpoint(First));
        var answer = await AskAsync("outside", KernelNamespace.NodeAddress + ":30080");
        Assert.Equal(First, answer.Server);
        Assert.NotEqual(Outside, answer.Client);
    }

    [Fact]
    public async Task Under_the_policy_Local_the_source_is_kept_and_other_nodes_are_left_alone()
    {
        await ServeAsync("first", "second");
        var service = Service("web", ClusterIP, Port(80, nodePort: 30080));
        await ProxyAsync(service with { Spec = service.Spec with { ExternalTrafficPolicy = "Local" } }, Endpoint(First), Endpoint(Second, node: "there"));
        Assert.All(await AskManyAsync("outside", KernelNamespace.NodeAddress + ":30080"), static answer => Assert.Equal((First, Outside), (answer.Server, answer.Client)));
    }

    [Fact]
    public async Task A_Service_without_endpoints_refuses()
    {
        await ProxyAsync(Service("web", ClusterIP, Port(80, nodePort: 30080)));
        await AssertRefusedAsync("first", ClusterIP + ":80");
        await AssertRefusedAsync("outside", KernelNamespace.NodeAddress + ":30080");
    }

    [Fact]
    public async Task A_port_that_the_Service_does_not_have_refuses()
    {
        await ProxyAsync(Service("web", ClusterIP, Port(80)), Endpoint(First));
        await AssertRefusedAsync("first", ClusterIP + ":81");
    }

    [Fact]
    public async Task Only_the_source_ranges_of_a_load_balancer_reach_it()
    {
        await ServeAsync("first");
        var service = LoadBalancer("192.168.99.1", "10.0.0.0/8");
        await ProxyAsync(service, Endpoint(First));
        Assert.Equal(First, (await AskAsync("second", "192.168.99.1:80")).Server);
        await Assert.ThrowsAsync<NetworkToolException>(() => AskAsync("outside", "192.168.99.1:80"));
    }

    [Fact]
    public async Task Replacing_theTable_keeps_what_it_leads_to()
    {
        await ServeAsync("first");
        await ProxyAsync(Service("web", ClusterIP, Port(80)), Endpoint(First));
        await Kernel.NftAsync(
            TableSkeleton.Script(Options, [IPAddress.Parse(KernelNamespace.NodeAddress)]) + RuleScript.Of(Options.Table, Table.All()), Token);
        Assert.Equal(First, (await AskAsync("second", ClusterIP + ":80")).Server);
    }

    private static Service LoadBalancer(string address, params string[] ranges)
    {
        var service = Service("web", ClusterIP, Port(80));
        return service with
        {
            Spec = service.Spec with { Type = "LoadBalancer", LoadBalancerSourceRanges = ranges },
            Status = new ServiceStatus { LoadBalancer = new LoadBalancerStatus { Ingress = [new LoadBalancerIngress { Ip = address }] } },
        };
    }
}
