using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;

namespace Kybernet.Controllers.Endpoints.Hints;

/// <summary>The hints that a Service's <c>trafficDistribution</c> asks for: each ready endpoint is meant for its own zone, and perhaps its own node.</summary>
internal static class TrafficDistributionHints
{
    private const string PreferSameNode = "PreferSameNode";

    /// <summary>The endpoints with the hints that they are to have; with none, where the Service does not say how its traffic is distributed.</summary>
    public static EndpointSlice Apply(Service service, EndpointSlice slice) => slice with
    {
        Endpoints = [.. slice.Endpoints.Select(endpoint => endpoint with { Hints = HintsFor(service.Spec.TrafficDistribution, endpoint) })],
    };

    private static EndpointHints? HintsFor(string? distribution, Endpoint endpoint)
    {
        if (distribution is not ("PreferClose" or "PreferSameZone" or PreferSameNode) || endpoint.Conditions?.Ready != true)
        {
            return null;
        }
        var hints = new EndpointHints
        {
            ForZones = endpoint.Zone is { } zone ? [new ForZone { Name = zone }] : [],
            ForNodes = distribution == PreferSameNode && endpoint.NodeName is { } node ? [new ForNode { Name = node }] : [],
        };
        return hints.ForZones.Count == 0 && hints.ForNodes.Count == 0 ? null : hints;
    }
}
