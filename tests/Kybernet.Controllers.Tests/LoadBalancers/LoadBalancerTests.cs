using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>Where load balancers get their addresses, on the real API server.</summary>
public sealed class LoadBalancerTests : OnServerTest
{
    private const string Finalizer = "service.kubernetes.io/load-balancer-cleanup";

    [Fact]
    public async Task A_load_balancer_has_the_addresses_of_the_nodes_and_follows_them()
    {
        await CreateNodeAsync("one", "192.0.2.1");
        await CreateAsync(LoadBalancer("web", 80));
        await HasAsync("web", "192.0.2.1");
        Assert.Equal([Finalizer], Find<Service>("a", "web")!.Metadata.Finalizers);
        await Eventually.TrueAsync(
            () => HasEvent("EnsuringLoadBalancer", "Ensuring load balancer") && HasEvent("EnsuredLoadBalancer", "Ensured load balancer"), "the events");
        await CreateNodeAsync("two", "192.0.2.2");
        await HasAsync("web", "192.0.2.1", "192.0.2.2");
    }

    [Fact]
    public async Task Two_load_balancers_share_a_node_unless_they_want_the_same_port()
    {
        await CreateNodeAsync("one", "192.0.2.1");
        await CreateAsync(LoadBalancer("web", 80));
        await HasAsync("web", "192.0.2.1");
        await CreateAsync(LoadBalancer("other", 81));
        await HasAsync("other", "192.0.2.1");
        await CreateAsync(LoadBalancer("second", 80));
        await Eventually.TrueAsync(
            () => HasEvent("SyncLoadBalancerFailed", "Error syncing load balancer: failed to ensure load balancer: no address is free that has the Service's ports"), "the event");
        Assert.Empty(Addresses("second"));
    }

    [Fact]
    public async Task Pools_give_each_load_balancer_an_address_of_its_own()
    {
        await CreatePoolsAsync();
        await CreateAsync(LoadBalancer("first", 80));
        await HasAsync("first", "198.51.100.10");
        await CreateAsync(LoadBalancer("second", 80));
        await HasAsync("second", "198.51.100.11");
        await CreateAsync(LoadBalancer("chosen", 80) with
        {
            Metadata = new ObjectMeta { Namespace = "a", Name = "chosen", Annotations = new Dictionary<string, string> { ["kybernet.io/load-balancer-pool"] = "special" } },
        });
        await HasAsync("chosen", "203.0.113.0");
        await Client.DeleteAsync<Service>("a", "first", DeleteOptions.Empty, Cancellation);
        await Eventually.TrueAsync(() => Find<Service>("a", "first") is null, "its finalizer is gone, and so is it");
        var asking = LoadBalancer("asking", 80);
        await CreateAsync(asking with { Spec = asking.Spec with { LoadBalancerIP = "198.51.100.12" } });
        await HasAsync("asking", "198.51.100.12");
        await CreateAsync(LoadBalancer("third", 80));
        await HasAsync("third", "198.51.100.10");
    }

    [Fact]
    public async Task A_Service_that_is_no_load_balancer_any_more_loses_its_address()
    {
        await CreatePoolsAsync();
        await CreateAsync(LoadBalancer("web", 80));
        await HasAsync("web", "198.51.100.10");
        await ChangeAsync<Service>("a", "web", static known => known with { Spec = known.Spec with { Type = "ClusterIP" } });
        await Eventually.TrueAsync(() => Find<Service>("a", "web") is { Metadata.Finalizers.Count: 0 } && Addresses("web").Count == 0, "it is cleaned up");
        await Eventually.TrueAsync(() => HasEvent("DeletedLoadBalancer", "Deleted load balancer"), "the event");
    }

    [Fact]
    public async Task A_load_balancer_of_another_class_is_left_alone()
    {
        await CreatePoolsAsync();
        var other = LoadBalancer("other", 80);
        await CreateAsync(other with { Spec = other.Spec with { LoadBalancerClass = "example.com/other" } });
        await CreateAsync(LoadBalancer("web", 80));
        await HasAsync("web", "198.51.100.10");
        Assert.Empty(Addresses("other"));
        Assert.Empty(Find<Service>("a", "other")!.Metadata.Finalizers);
    }

    private static Service LoadBalancer(string name, int port) => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = name },
        Spec = new ServiceSpec { Type = "LoadBalancer", Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new ServicePort { Port = port }] },
    };

    private Task CreateAsync(Service service) => Client.CreateAsync(service, Cancellation);

    private Task CreatePoolsAsync() => Client.CreateAsync(
        new ConfigMap
        {
            Metadata = new ObjectMeta { Namespace = "kube-system", Name = "kybernet-load-balancer" },
            Data = new Dictionary<string, string> { ["default"] = "198.51.100.10-198.51.100.12", ["special"] = "203.0.113.0/30" },
        },
        Cancellation);

    private Task HasAsync(string name, params string[] addresses) =>
        Eventually.TrueAsync(() => Addresses(name).SequenceEqual(addresses), $"{name} has {string.Join(", ", addresses)}");

    private List<string?> Addresses(string name) => [.. (Find<Service>("a", name)!.Status.LoadBalancer?.Ingress ?? []).Select(static ingress => ingress.Ip)];

    private async Task CreateNodeAsync(string name, string address)
    {
        var node = await Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = name } }, Cancellation);
        var ready = new NodeCondition { Type = "Ready", Status = "True", LastHeartbeatTime = TimeProvider.System.GetUtcNow() };
        var status = new NodeStatus { Conditions = [ready], Addresses = [new NodeAddress { Type = "InternalIP", Address = address }] };
        await Client.UpdateStatusAsync(node with { Status = status, Metadata = node.Metadata with { ResourceVersion = null } }, Cancellation); // others write it too
    }
}
