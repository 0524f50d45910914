using Kybernet.Api.Discovery.V1;
using Kybernet.Network.Services.Endpoints;
using Kybernet.Network.Services.Rules;
using static Kybernet.Network.Tests.Services.Objects;

namespace Kybernet.Network.Tests.Services;

public sealed class EndpointChoiceTests
{
    private static readonly ProxyNode Node = new(NodeName, "a");

    [Fact]
    public void Only_ready_endpoints_are_used_while_there_are_some() =>
        Assert.Equal(["10.77.0.1"], Cluster(Endpoint("10.77.0.1"), Endpoint("10.77.0.2", ready: false), Endpoint("10.77.0.3", terminating: true)));

    [Fact]
    public void Endpoints_about_to_end_that_answer_yet_are_used_where_none_is_ready() =>
        Assert.Equal(["10.77.0.3"], Cluster(Endpoint("10.77.0.2", ready: false), Endpoint("10.77.0.3", terminating: true), Endpoint("10.77.0.4", ready: false, terminating: true)));

    [Fact]
    public void Endpoints_meant_for_the_zone_of_the_node_are_preferred() =>
        Assert.Equal(["10.77.0.1"], Cluster(Endpoint("10.77.0.1", zone: "a"), Endpoint("10.77.0.2", zone: "b")));

    [Fact]
    public void Hints_do_not_count_while_an_endpoint_has_none() =>
        Assert.Equal(["10.77.0.1", "10.77.0.2"], Cluster(Endpoint("10.77.0.1", zone: "a"), Endpoint("10.77.0.2")));

    [Fact]
    public void Hints_do_not_count_where_no_endpoint_is_meant_for_the_zone() =>
        Assert.Equal(["10.77.0.1"], Cluster(Endpoint("10.77.0.1", zone: "b")));

    [Fact]
    public void A_node_that_endpoints_are_meant_for_comes_before_its_zone() =>
        Assert.Equal(["10.77.0.2"], Cluster(
            Endpoint("10.77.0.1", zone: "a") with { Hints = Hints("a", "there") },
            Endpoint("10.77.0.2", zone: "a") with { Hints = Hints("a", NodeName) }));

    [Fact]
    public void Local_endpoints_are_those_of_the_node() =>
        Assert.Equal(["10.77.0.2"], Choose(Endpoint("10.77.0.1", node: "there"), Endpoint("10.77.0.2")).Local.Select(static endpoint => endpoint.Address));

    private static EndpointHints Hints(string zone, string node) => new() { ForZones = [new ForZone { Name = zone }], ForNodes = [new ForNode { Name = node }] };

    private static IEnumerable<string> Cluster(params Endpoint[] endpoints) => Choose(endpoints).Cluster.Select(static endpoint => endpoint.Address);

    private static EndpointChoice Choose(params Endpoint[] endpoints) =>
        EndpointChoice.Of(ServiceEndpoint.Of([Slice("web", 8080, "TCP", endpoints)], IPFamily.V4, "", "TCP", NodeName), Node);
}
