using Kybernet.Network.Gateways.Attachment;

namespace Kybernet.Network.Gateways.Routing;

/// <summary>A match of a rule of a route.</summary>
internal sealed record RouteEntry(RouteMatch Match, RouteRule Rule, Route Route, int Position);

/// <summary>
/// The order in which matches with the same path are tried: one with a method, then more headers, then more query parameters, then the older route, then
/// its name, then its own order.
/// </summary>
internal sealed class RoutePrecedence : IComparer<RouteEntry>
{
    public static RoutePrecedence Comparer { get; } = new();

    public int Compare(RouteEntry? x, RouteEntry? y)
    {
        var (one, other) = (x!, y!);
        var order = (other.Match.Method is not null).CompareTo(one.Match.Method is not null);
        order = order != 0 ? order : other.Match.Headers.Count.CompareTo(one.Match.Headers.Count);
        order = order != 0 ? order : other.Match.Query.Count.CompareTo(one.Match.Query.Count);
        order = order != 0 ? order : RouteAge.Comparer.Compare(one.Route, other.Route);
        return order != 0 ? order : one.Position.CompareTo(other.Position);
    }
}
