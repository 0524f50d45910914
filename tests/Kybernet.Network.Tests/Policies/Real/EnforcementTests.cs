using System.Net;
using Kybernet.Api.Discovery.V1;

namespace Kybernet.Network.Tests.Policies.Real;

/// <summary>What the rules do to real packets: upstream's scenarios of network policy, and what they leave out.</summary>
public sealed class EnforcementTests
{
    private const string Everyone = "outside x/b y/a y/b";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_policies_everyone_reaches_everyone()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        Assert.Equal(Everyone, await lab.WhoReachesAsync("x/a"));
        Assert.True(await lab.ReachesAsync("x/a", PolicyLab.Outside));
    }

    [Fact]
    public async Task Default_deny_of_ingress_closes_the_namespace_and_no_other()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync("x/deny", """{"podSelector":{},"policyTypes":["Ingress"]}""");
        Assert.Equal("", await lab.WhoReachesAsync("x/a"));
        Assert.False(await lab.AsksAsync("y/a", "x/a"));
        Assert.True(await lab.ReachesAsync("x/a", "y/a"));

        await lab.RemoveAsync("x/deny");
        Assert.Equal(Everyone, await lab.WhoReachesAsync("x/a"));
    }

    [Fact]
    public async Task Default_deny_of_egress_lets_a_pod_be_reached_but_reach_nobody()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync("x/deny", """{"podSelector":{"matchLabels":{"pod":"a"}},"policyTypes":["Egress"]}""");
        Assert.False(await lab.ReachesAsync("x/a", "y/a"));
        Assert.False(await lab.ReachesAsync("x/a", PolicyLab.Outside));
        Assert.False(await lab.AsksAsync("x/a", "x/b"));
        Assert.Equal(Everyone, await lab.WhoReachesAsync("x/a"));
        Assert.True(await lab.ReachesAsync("x/b", "y/a"));
    }

    [Fact]
    public async Task Peers_are_selected_by_pod_by_namespace_and_by_both()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync("x/p", """{"podSelector":{},"ingress":[{"from":[{"podSelector":{"matchLabels":{"pod":"b"}}}]}]}""");
        Assert.Equal("x/b", await lab.WhoReachesAsync("x/a"));
        await lab.SetAsync("x/p", """{"podSelector":{},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"ns":"y"}}}]}]}""");
        Assert.Equal("y/a y/b", await lab.WhoReachesAsync("x/a"));
        await lab.SetAsync(
            "x/p",
            """{"podSelector":{},"ingress":[{"from":[{"namespaceSelector":{"matchExpressions":[{"key":"ns","operator":"NotIn","values":["x"]}]},"podSelector":{"matchLabels":{"pod":"b"}}}]}]}""");
        Assert.Equal("y/b", await lab.WhoReachesAsync("x/a"));
        await lab.SetAsync(
            "x/p",
            """{"podSelector":{},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"ns":"y"}}},{"podSelector":{"matchLabels":{"pod":"b"}}}]}]}""");
        Assert.Equal("x/b y/a y/b", await lab.WhoReachesAsync("x/a"));
        await lab.SetAsync("x/p", """{"podSelector":{},"ingress":[{"from":[{"namespaceSelector":{}}]}]}""");
        Assert.Equal("x/b y/a y/b", await lab.WhoReachesAsync("x/a"));
    }

    [Fact]
    public async Task A_block_lets_in_addresses_but_not_its_exceptions()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync(
            "x/p",
            """{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.99.0.0/16","except":["10.99.0.12/31","10.99.0.13/32"]}},{"ipBlock":{"cidr":"192.0.2.0/24"}}]}]}""");
        Assert.Equal("outside x/b", await lab.WhoReachesAsync("x/a")); // y/a and y/b have .12 and .13
        await lab.SetAsync("x/p", """{"podSelector":{},"policyTypes":["Egress"],"egress":[{"to":[{"ipBlock":{"cidr":"192.0.2.9/32"}}]}]}""");
        Assert.True(await lab.ReachesAsync("x/a", PolicyLab.Outside));
        Assert.False(await lab.ReachesAsync("x/a", "y/a"));
    }

    [Fact]
    public async Task Ports_are_told_by_number_range_name_and_protocol()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync("x/p", """{"podSelector":{},"ingress":[{"ports":[{"port":81}]}]}""");
        Assert.False(await lab.ReachesAsync("y/a", "x/a"));
        Assert.True(await lab.ReachesAsync("y/a", "x/a", 81));
        Assert.False(await lab.AsksAsync("y/a", "x/a", 81));
        await lab.SetAsync("x/p", """{"podSelector":{},"ingress":[{"ports":[{"port":70,"endPort":80},{"protocol":"UDP","port":81}]}]}""");
        Assert.True(await lab.ReachesAsync("y/a", "x/a"));
        Assert.False(await lab.ReachesAsync("y/a", "x/a", 81));
        Assert.True(await lab.AsksAsync("y/a", "x/a", 81));
        await lab.SetAsync("x/p", """{"podSelector":{},"ingress":[{"ports":[{"protocol":"UDP"},{"protocol":"SCTP","port":80}]}]}""");
        Assert.True(await lab.AsksAsync("y/a", "x/a"));
        Assert.False(await lab.ReachesAsync("y/a", "x/a"));
    }

    [Fact]
    public async Task A_named_port_is_where_each_pod_has_it()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync("x/in", """{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"ports":[{"port":"serve"}]}]}""");
        Assert.True(await lab.ReachesAsync("y/a", "x/a"));
        Assert.False(await lab.ReachesAsync("y/a", "x/a", 81));
        await lab.SetAsync("y/out", """{"podSelector":{},"policyTypes":["Egress"],"egress":[{"to":[{"podSelector":{}}],"ports":[{"port":"serve"}]}]}""");
        Assert.True(await lab.ReachesAsync("y/a", "y/b", 81));
        Assert.False(await lab.ReachesAsync("y/a", "y/b"));
        Assert.False(await lab.ReachesAsync("y/a", "x/a"));
    }

    [Fact]
    public async Task Policies_add_up_and_both_ends_have_their_say()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync("x/deny", """{"podSelector":{},"policyTypes":["Ingress"]}""");
        await lab.SetAsync("x/b", """{"podSelector":{"matchLabels":{"pod":"a"}},"ingress":[{"from":[{"podSelector":{"matchLabels":{"pod":"b"}}}]}]}""");
        await lab.SetAsync("x/y", """{"podSelector":{"matchLabels":{"pod":"a"}},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"ns":"y"}}}]}]}""");
        Assert.Equal("x/b y/a y/b", await lab.WhoReachesAsync("x/a"));
        await lab.SetAsync("y/deny", """{"podSelector":{"matchLabels":{"pod":"b"}},"policyTypes":["Egress"]}""");
        Assert.Equal("x/b y/a", await lab.WhoReachesAsync("x/a"));
    }

    [Fact]
    public async Task Changed_labels_of_pods_and_namespaces_take_effect()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync(
            "x/p", """{"podSelector":{"matchLabels":{"pod":"a"}},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"team":"t"}},"podSelector":{"matchLabels":{"pod":"b"}}}]}]}""");
        Assert.Equal("", await lab.WhoReachesAsync("x/a"));
        await lab.ChangeAsync(index => index.SetNamespace("y", new Dictionary<string, string> { ["team"] = "t" }));
        Assert.Equal("y/b", await lab.WhoReachesAsync("x/a"));

        await lab.ChangeAsync(index => index.SetPod(Labelled(lab, "y/b", "c")));
        Assert.Equal("", await lab.WhoReachesAsync("x/a"));
        await lab.ChangeAsync(index => index.SetPod(Labelled(lab, "x/a", "c")));
        Assert.Equal(Everyone, await lab.WhoReachesAsync("x/a"));
    }

    [Fact]
    public async Task A_pod_neither_sends_nor_receives_before_its_rules_are_there()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.AddHostAsync("y/new", "10.99.0.50", "10.99.0.1");
        Assert.False(await lab.ReachesAsync("y/new", PolicyLab.Outside));
        Assert.False(await lab.ReachesAsync(PolicyLab.Outside, "y/new"));

        await lab.ChangeAsync(index => index.SetPod(lab.PodOf("y/new")));
        Assert.True(await lab.ReachesAsync("y/new", PolicyLab.Outside));
        Assert.True(await lab.ReachesAsync("x/a", "y/new"));

        await lab.ChangeAsync(index => index.RemovePod(lab.PodOf("y/new")));
        Assert.False(await lab.ReachesAsync("x/a", "y/new"));
    }

    [Fact]
    public async Task A_connection_that_stands_outlives_a_policy_and_its_answers_need_none()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        using var connection = await lab["y/a"].ConnectAsync(lab["x/a"].Address, 80, Token);
        Assert.NotNull(connection);
        await lab.SetAsync("x/deny", """{"podSelector":{},"policyTypes":["Ingress","Egress"]}""");
        Assert.True(await PodEndpoint.CarriesAsync(connection, Token));
        Assert.False(await lab.ReachesAsync("y/a", "x/a"));
    }

    [Fact]
    public async Task The_node_reaches_its_pods_but_they_reach_it_only_as_policies_say()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync("x/deny", """{"podSelector":{},"policyTypes":["Ingress","Egress"]}""");
        Assert.True(await lab.ReachesAsync(lab.Node, lab["x/a"].Address, 80));
        Assert.False(await lab.ReachesAsync(lab["x/a"], lab.Node.Address, 80));
        Assert.True(await lab.ReachesAsync(lab["y/a"], lab.Node.Address, 80));
        Assert.True(await lab.ReachesAsync(lab.Node, lab.Node.Address, 80));
    }

    [Fact]
    public async Task What_goes_to_a_Service_is_judged_by_its_backend()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.AddRulesAsync($$"""
            table ip services {
              chain prerouting {
                type nat hook prerouting priority dstnat;
                ip daddr 10.96.0.7 tcp dport 8080 dnat to {{lab["y/a"].Address}}:81
              }
            }

            """);
        var service = IPAddress.Parse("10.96.0.7");
        await lab.SetAsync("x/out", """{"podSelector":{},"policyTypes":["Egress"],"egress":[{"to":[{"namespaceSelector":{"matchLabels":{"ns":"y"}}}],"ports":[{"port":81}]}]}""");
        Assert.True(await lab.ReachesAsync(lab["x/a"], service, 8080));
        await lab.SetAsync("y/in", """{"podSelector":{},"ingress":[{"from":[{"podSelector":{}}]}]}""");
        Assert.False(await lab.ReachesAsync(lab["x/a"], service, 8080));
        Assert.True(await lab.ReachesAsync(lab["y/b"], service, 8080));
        await lab.RemoveAsync("y/in");
        await lab.SetAsync("x/out", """{"podSelector":{},"policyTypes":["Egress"],"egress":[{"to":[{"ipBlock":{"cidr":"10.96.0.0/16"}}]}]}""");
        Assert.False(await lab.ReachesAsync(lab["x/a"], service, 8080));
    }

    [Fact]
    public async Task A_DNS_that_is_no_pod_is_reached_whatever_policies_say_and_nothing_else_at_its_address()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        await lab.SetAsync("x/deny", """{"podSelector":{},"policyTypes":["Egress"]}""");
        var slice = new EndpointSlice
        {
            AddressType = "IPv4",
            Endpoints = [new Endpoint { Addresses = [lab.Node.Address.ToString()] }],
            Ports = [new EndpointPort { Name = "dns", Port = 81, Protocol = "UDP" }],
        };
        await lab.ChangeAsync(index => index.SetDns(null, slice));
        Assert.True(await lab["x/a"].AsksAsync(lab.Node.Address, 81, Token));
        Assert.False(await lab["x/a"].AsksAsync(lab.Node.Address, 80, Token));
        await lab.ChangeAsync(index => index.SetDns(slice, null));
        Assert.False(await lab["x/a"].AsksAsync(lab.Node.Address, 81, Token));
    }

    [Fact]
    public async Task A_pod_that_takes_the_address_of_another_is_not_heard()
    {
        await using var lab = await PolicyLab.StartAsync(Token);
        var (forger, victim, target) = (lab["y/a"], lab["x/b"], lab[PolicyLab.Outside]);
        await forger.Home.IpAsync($"address add {victim.Address}/32 dev eth0\n", Token);
        Assert.True(await target.HearsAsync(forger, forger.Address, Token));
        Assert.False(await target.HearsAsync(forger, victim.Address, Token));
        Assert.True(await target.HearsAsync(victim, victim.Address, Token));
    }

    private static Api.Core.V1.Pod Labelled(PolicyLab lab, string name, string label)
    {
        var pod = lab.PodOf(name);
        return pod with { Metadata = pod.Metadata with { Labels = new Dictionary<string, string> { ["pod"] = label } } };
    }
}
