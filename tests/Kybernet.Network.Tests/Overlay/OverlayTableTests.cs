using System.Net;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Network.Overlay;

namespace Kybernet.Network.Tests.Overlay;

public sealed class OverlayTableTests
{
    private static readonly OverlayOptions Options = new() { NodeName = "own", NodeIP = "192.0.2.1", Device = "vx" };
    private static readonly Peer Two = new("two", IPAddress.Parse("192.0.2.2"), IPNetwork.Parse("10.244.2.0/24"));
    private static readonly Peer Three = new("three", IPAddress.Parse("192.0.2.3"), IPNetwork.Parse("10.244.3.0/24"));
    private static readonly OverlayTable Nothing = OverlayTable.For([], OverlayMode.Vxlan);

    [Fact]
    public void A_new_peer_gets_a_neighbour_a_route_and_a_forwarding_entry_and_the_others_nothing()
    {
        var before = OverlayTable.For([Two], OverlayMode.Vxlan);
        var after = OverlayTable.For([Two, Three], OverlayMode.Vxlan);
        Assert.Equal(
            "neigh replace 10.244.3.0 lladdr 0e:56:0a:f4:03:00 dev vx nud permanent\nroute replace 10.244.3.0/24 via 10.244.3.0 dev vx onlink proto 75\n",
            OverlayTable.RouteCommands(before, after, Options));
        Assert.Equal("fdb replace 0e:56:0a:f4:03:00 dev vx dst 192.0.2.3 self permanent\n", OverlayTable.ForwardingCommands(before, after, Options));
    }

    [Fact]
    public void A_peer_that_moved_to_another_address_changes_one_forwarding_entry()
    {
        var before = OverlayTable.For([Two], OverlayMode.Vxlan);
        var after = OverlayTable.For([Two with { Address = IPAddress.Parse("192.0.2.9") }], OverlayMode.Vxlan);
        Assert.Empty(OverlayTable.RouteCommands(before, after, Options));
        Assert.Equal("fdb replace 0e:56:0a:f4:02:00 dev vx dst 192.0.2.9 self permanent\n", OverlayTable.ForwardingCommands(before, after, Options));
    }

    [Fact]
    public void A_peer_that_is_gone_leaves_nothing_behind()
    {
        var before = OverlayTable.For([Two], OverlayMode.Vxlan);
        Assert.Equal("route delete 10.244.2.0/24 proto 75\nneigh delete 10.244.2.0 dev vx\n", OverlayTable.RouteCommands(before, Nothing, Options));
        Assert.Equal("fdb delete 0e:56:0a:f4:02:00 dev vx self\n", OverlayTable.ForwardingCommands(before, Nothing, Options));
    }

    [Fact]
    public void Nodes_of_one_link_are_gateways_when_asked_for()
    {
        var options = Options with { Mode = OverlayMode.HostGateway };
        var after = OverlayTable.For([Two], OverlayMode.HostGateway);
        Assert.Equal("route replace 10.244.2.0/24 via 192.0.2.2 proto 75\n", OverlayTable.RouteCommands(Nothing, after, options));
        Assert.Empty(OverlayTable.ForwardingCommands(Nothing, after, options));
    }

    [Fact]
    public void What_the_kernel_has_is_read_back_as_it_was_written()
    {
        var kernel = OverlayTable.Parse(
            """[{"dst":"10.244.2.0/24","gateway":"10.244.2.0","dev":"vx","flags":["onlink"]}]""",
            """[{"dst":"10.244.2.0","lladdr":"0e:56:0a:f4:02:00","state":["PERMANENT"]}]""",
            """[{"mac":"0e:56:0a:f4:02:00","ifname":"vx","dst":"192.0.2.2","flags":["self"],"state":"permanent"}]""");
        var wanted = OverlayTable.For([Two], OverlayMode.Vxlan);
        Assert.Empty(OverlayTable.RouteCommands(kernel, wanted, Options));
        Assert.Empty(OverlayTable.ForwardingCommands(kernel, wanted, Options));
    }

    [Fact]
    public void A_node_without_an_address_or_a_pod_network_is_no_peer_yet()
    {
        var node = new Node { Metadata = new ObjectMeta { Name = "n" }, Spec = new NodeSpec { PodCIDR = "10.244.4.0/24", PodCIDRs = ["fd00::/64", "10.244.4.0/24"] } };
        Assert.Null(Peer.Of(node));
        var known = node with { Status = new NodeStatus { Addresses = [new NodeAddress { Type = "Hostname", Address = "n" }, new NodeAddress { Type = "InternalIP", Address = "192.0.2.4" }] } };
        Assert.Equal(new Peer("n", IPAddress.Parse("192.0.2.4"), IPNetwork.Parse("10.244.4.0/24")), Peer.Of(known));
        Assert.Null(Peer.Of(known with { Spec = new NodeSpec() }));
    }
}
