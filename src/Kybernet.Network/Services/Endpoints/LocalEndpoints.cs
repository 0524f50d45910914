using Kybernet.Api.Discovery.V1;

namespace Kybernet.Network.Services.Endpoints;

/// <summary>Counts what a health check node port tells of.</summary>
internal static class LocalEndpoints
{
    /// <summary>How many endpoints of a Service are on a node and ready, whatever their ports are.</summary>
    public static int Count(IEnumerable<EndpointSlice> slices, string nodeName) => slices
        .SelectMany(static slice => slice.Endpoints)
        .Where(endpoint => endpoint.NodeName == nodeName && endpoint.Conditions?.Ready != false && endpoint.Addresses.Count > 0)
        .Select(static endpoint => endpoint.Addresses[0])
        .Distinct(StringComparer.Ordinal)
        .Count();
}
