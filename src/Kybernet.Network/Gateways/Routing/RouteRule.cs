using Kybernet.Network.Gateways.Filters;

namespace Kybernet.Network.Gateways.Routing;

/// <summary>A rule of a route, ready to be followed. Immutable.</summary>
internal sealed record RouteRule
{
    /// <summary>Any one of these is enough.</summary>
    public required IReadOnlyList<RouteMatch> Matches { get; init; }

    public FilterSet Filters { get; init; } = FilterSet.None;

    public WeightedTargets Targets { get; init; } = WeightedTargets.None;

    /// <summary>How long all of a request may take; null for as long as it takes.</summary>
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>How long a backend may take for its answer; null for as long as it takes.</summary>
    public TimeSpan? BackendTimeout { get; init; }
}
