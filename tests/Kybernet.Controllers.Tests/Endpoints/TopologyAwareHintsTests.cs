using Kybernet.Api.Discovery.V1;
using Kybernet.Controllers.Endpoints.Hints;

namespace Kybernet.Controllers.Tests;

public sealed class TopologyAwareHintsTests
{
    [Fact]
    public void Endpoints_that_are_spread_as_the_zones_are_stay_in_their_zones()
    {
        var zones = Deal(["a", "a", "b", "b"], ("a", 0.5), ("b", 0.5));
        Assert.Equal(["a", "a", "b", "b"], zones);
    }

    [Fact]
    public void A_zone_with_too_few_endpoints_gets_as_few_of_the_others_as_it_needs()
    {
        var zones = Deal(["a", "a", "a", "a"], ("a", 0.5), ("b", 0.5));
        Assert.Equal(["a", "a", "b", "b"], zones);
    }

    [Fact]
    public void Endpoints_of_a_zone_without_nodes_are_given_to_others()
    {
        var zones = Deal(["a", "a", "lost", "lost"], ("a", 0.5), ("b", 0.5));
        Assert.Equal(["a", "a", "b", "b"], zones);
    }

    [Theory]
    [InlineData("Insufficient number of endpoints (1 endpoints, 2 zones)", "a")]
    [InlineData("One or more endpoints do not have a zone specified", "a", "")]
    public void Where_hints_would_do_harm_there_are_none(string expected, params string[] endpoints)
    {
        Assert.All(Apply(endpoints, out var obstacle, ("a", 0.5), ("b", 0.5)), static endpoint => Assert.Null(endpoint.Hints));
        Assert.Equal(expected, obstacle);
    }

    private static IEnumerable<string> Deal(string[] zones, params (string Zone, double Share)[] shares)
    {
        var hinted = Apply(zones, out var obstacle, shares);
        Assert.Null(obstacle);
        return hinted.Select(static endpoint => Assert.Single(endpoint.Hints!.ForZones).Name);
    }

    private static IReadOnlyList<Endpoint> Apply(string[] zones, out string? obstacle, params (string Zone, double Share)[] shares)
    {
        var endpoints = zones.Select(static zone => new Endpoint { Zone = zone, Conditions = new EndpointConditions { Ready = true } });
        var byZone = shares.ToDictionary(static share => share.Zone, static share => share.Share);
        return TopologyAwareHints.Apply([new EndpointSlice { Endpoints = [.. endpoints] }], byZone, out obstacle)[0].Endpoints;
    }
}
