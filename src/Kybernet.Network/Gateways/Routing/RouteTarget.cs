using Kybernet.Network.Gateways.Filters;
using Kybernet.Network.Gateways.Serving;
using Kybernet.Network.Ingresses.Backends;

namespace Kybernet.Network.Gateways.Routing;

/// <summary>A backend of a rule.</summary>
/// <param name="Backend">Its endpoints; null where the reference leads nowhere, or nowhere that it may lead.</param>
/// <param name="Weight">Its share.</param>
internal sealed record RouteTarget(Backend? Backend, int Weight)
{
    public FilterSet Filters { get; init; } = FilterSet.None;

    /// <summary>Whether it is spoken to in HTTP/2 though its port does not say so: what gRPC needs.</summary>
    public bool IsHttp2 { get; init; }

    /// <summary>How TLS is spoken with it by a policy; null where its port says whether it is.</summary>
    public BackendTls? Tls { get; init; }

    /// <summary>The endpoints that are ready, and how they are spoken to.</summary>
    public BackendState State
    {
        get
        {
            var state = Backend?.State ?? BackendState.None;
            return IsHttp2 && ReferenceEquals(state.Request, BackendState.Http1) ? state with { Request = BackendState.Http2 } : state;
        }
    }
}
