using Kybernet.Network.Gateways.Routing;

namespace Kybernet.Network.Gateways.Filters;

/// <summary>What the filters of a rule, or of one of its backends, do to requests and their answers. Immutable.</summary>
internal sealed record FilterSet
{
    public static FilterSet None { get; } = new();

    public HeaderChanges? RequestHeaders { get; init; }

    public HeaderChanges? ResponseHeaders { get; init; }

    public Rewrite? Rewrite { get; init; }

    /// <summary>Where the client is sent instead; null where it is answered.</summary>
    public Redirect? Redirect { get; init; }

    public CorsPolicy? Cors { get; init; }

    public IReadOnlyList<Mirror> Mirrors { get; init; } = [];
}

/// <summary>A backend that gets copies of requests.</summary>
/// <param name="Target">The backend.</param>
/// <param name="Numerator">How many of <paramref name="Denominator"/> requests it gets.</param>
/// <param name="Denominator">Of how many.</param>
internal sealed record Mirror(RouteTarget Target, int Numerator, int Denominator);
