using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;

namespace Kybernet.Controllers.Endpoints.Hints;

/// <summary>
/// The hints of topology-aware routing, which a Service's annotation asks for: endpoints are dealt out to zones in proportion to the zones' processors, so
/// that none of them is overloaded because its zone has few.
/// </summary>
internal static class TopologyAwareHints
{
    private const string Annotation = "service.kubernetes.io/topology-mode";
    private const string OldAnnotation = "service.kubernetes.io/topology-aware-hints";

    /// <summary>By how much more than its share an endpoint may get.</summary>
    private const double OverloadThreshold = 0.2;

    public static bool IsWanted(Service service) =>
        service.Metadata.Annotations.GetValueOrDefault(Annotation, service.Metadata.Annotations.GetValueOrDefault(OldAnnotation, "")) is "Auto" or "auto";

    /// <summary>Deals the ready endpoints of one address family out to zones.</summary>
    /// <param name="slices">The slices.</param>
    /// <param name="shares">Each zone's share of the traffic; null where that is not known.</param>
    /// <param name="obstacle">Why there are no hints; null where there are.</param>
    /// <returns>The slices with hints, or all without.</returns>
    public static IReadOnlyList<EndpointSlice> Apply(IReadOnlyList<EndpointSlice> slices, IReadOnlyDictionary<string, double>? shares, out string? obstacle)
    {
        var zones = slices.SelectMany(static slice => slice.Endpoints).Where(IsReady).Select(static endpoint => endpoint.Zone ?? "").ToList();
        var parts = Parts(zones.Count, shares, out obstacle);
        if (parts is not null && zones.Contains(""))
        {
            obstacle = "One or more endpoints do not have a zone specified";
        }
        if (obstacle is not null)
        {
            return [.. slices.Select(static slice => slice with { Endpoints = [.. slice.Endpoints.Select(static endpoint => endpoint with { Hints = null })] })];
        }
        var dealt = new Queue<string>(Deal(zones, parts!));
        return
        [
            .. slices.Select(slice => slice with
            {
                Endpoints =
                [
                    .. slice.Endpoints.Select(endpoint => endpoint with
                    {
                        Hints = IsReady(endpoint) ? new EndpointHints { ForZones = [new ForZone { Name = dealt.Dequeue() }] } : null,
                    }),
                ],
            }),
        ];
    }

    private static bool IsReady(Endpoint endpoint) => endpoint.Conditions?.Ready == true;

    private static Dictionary<string, ZonePart>? Parts(int endpoints, IReadOnlyDictionary<string, double>? shares, out string? obstacle)
    {
        obstacle = null;
        if (shares is null)
        {
            obstacle = "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
            return null;
        }
        if (shares.Count > endpoints)
        {
            obstacle = $"Insufficient number of endpoints ({endpoints} endpoints, {shares.Count} zones)";
            return null;
        }
        var parts = shares.ToDictionary(
            static share => share.Key,
            share => new ZonePart((int)Math.Ceiling(share.Value * endpoints / (1 + OverloadThreshold)), share.Value * endpoints),
            StringComparer.Ordinal);
        if (parts.Values.Sum(static part => part.Minimum) > endpoints)
        {
            obstacle = $"Minimum allocation of required endpoints exceeds overload threshold ({endpoints} endpoints, {shares.Count} zones)";
            return null;
        }
        return parts;
    }

    /// <summary>Leaves each endpoint in its own zone, then moves as few as give every zone its minimum.</summary>
    private static List<string> Deal(List<string> zones, Dictionary<string, ZonePart> parts)
    {
        var dealt = zones.ToList();
        var counts = parts.Keys.Union(zones).ToDictionary(static zone => zone, zone => zones.Count(of => of == zone), StringComparer.Ordinal);
        foreach (var (zone, part) in parts)
        {
            while (counts[zone] < part.Minimum)
            {
                var richest = counts
                    .Where(count => count.Value > parts.GetValueOrDefault(count.Key).Minimum)
                    .MaxBy(count => count.Value - parts.GetValueOrDefault(count.Key).Desired).Key;
                dealt[dealt.LastIndexOf(richest)] = zone;
                counts[richest]--;
                counts[zone]++;
            }
        }
        return dealt;
    }

    /// <param name="Minimum">As many endpoints the zone needs, lest one of them is overloaded.</param>
    /// <param name="Desired">As many would be just.</param>
    private readonly record struct ZonePart(int Minimum, double Desired);
}
