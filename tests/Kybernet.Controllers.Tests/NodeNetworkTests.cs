using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;
using Kybernet.Controllers.NodeNetworks;

namespace Kybernet.Controllers.Tests;

/// <summary>How Nodes get their part of the pods' addresses, on the real API server.</summary>
public sealed class NodeNetworkTests : ClusterTest
{
    private protected override ServerInProcess Server { get; } = new();

    private protected override ControllerOptions Options => new()
    {
        ClusterCidrs = [IPNetwork.Parse("10.9.0.0/23"), IPNetwork.Parse("fd00::/48")],
    };

    [Fact]
    public async Task Each_node_gets_a_part_of_each_network_and_one_that_brings_its_own_keeps_it()
    {
        await CreateAsync("own", new NodeSpec { PodCIDR = "10.9.0.0/24", PodCIDRs = ["10.9.0.0/24", "fd00::/64"] });
        await CreateAsync("new", new NodeSpec());
        await Eventually.TrueAsync(() => Find<Node>("", "new")!.Spec.PodCIDR is not null, "the network");
        Assert.Equal(["10.9.1.0/24", "fd00:0:0:1::/64"], Find<Node>("", "new")!.Spec.PodCIDRs);
        Assert.Equal(["10.9.0.0/24", "fd00::/64"], Find<Node>("", "own")!.Spec.PodCIDRs);
    }

    [Fact]
    public async Task When_all_is_given_out_a_node_waits_until_another_is_gone()
    {
        foreach (var name in (string[])["one", "two"])
        {
            await CreateAsync(name, new NodeSpec());
            await Eventually.TrueAsync(() => Find<Node>("", name)!.Spec.PodCIDR is not null, "the network");
        }
        await CreateAsync("three", new NodeSpec());
        await Eventually.TrueAsync(() => List<Event>("default").Any(static seen => seen is { Reason: "CIDRNotAvailable", InvolvedObject.Name: "three" }), "the event");
        Assert.Null(Find<Node>("", "three")!.Spec.PodCIDR);

        var freed = Find<Node>("", "one")!.Spec.PodCIDR;
        await Client.DeleteAsync<Node>("", "one", DeleteOptions.Empty, Cancellation);
        await ChangeAsync<Node>("", "three", static node => node with { Metadata = node.Metadata with { Annotations = new Dictionary<string, string> { ["wake"] = "up" } } });
        await Eventually.TrueAsync(() => Find<Node>("", "three")!.Spec.PodCIDR == freed, "the network that came back");
    }

    [Fact]
    public void A_pool_gives_a_part_that_came_back_last_and_counts_what_overlaps_as_taken()
    {
        var pool = new SubnetPool(IPNetwork.Parse("10.0.0.0/22"), 24);
        pool.Take(IPNetwork.Parse("10.0.2.0/23"));
        pool.Take(IPNetwork.Parse("192.0.2.0/24"));
        Assert.Equal("10.0.0.0/24", pool.TakeNext().ToString());
        pool.Release(IPNetwork.Parse("10.0.0.0/24"));
        Assert.Equal("10.0.1.0/24", pool.TakeNext().ToString());
        Assert.Equal("10.0.0.0/24", pool.TakeNext().ToString());
        Assert.Null(pool.TakeNext());
    }

    private Task CreateAsync(string name, NodeSpec spec) =>
        Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = name }, Spec = spec }, Cancellation);
}
