using Kybernet.Api.Gateway.V1;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>Says of the listeners of a Gateway what they are good for.</summary>
internal sealed class ListenerJudge(ListenerCertificates certificates, ClientValidation clients)
{
    private const string Terminate = "Terminate";

    /// <summary>Judges all listeners, in their order.</summary>
    public IReadOnlyList<ListenerState> Judge(Gateway gateway)
    {
        var judged = gateway.Spec.Listeners.Select(listener => Judge(gateway, listener)).ToList();
        return [.. judged.Select(listener => listener with { Conflict = ConflictOf(listener, judged), Overlaps = IsOverlapping(listener, judged) })];
    }

    private ListenerState Judge(Gateway gateway, Listener listener)
    {
        var supported = KindsOf(listener.Protocol);
        var asked = listener.AllowedRoutes?.Kinds ?? [];
        var kinds = asked.Count == 0 ? supported : [.. asked.Where(kind => IsSupported(kind, supported)).Select(static kind => kind.Kind).Distinct()];
        var state = new ListenerState { Spec = listener, Kinds = kinds };
        if (supported.Count == 0)
        {
            return state with { Invalid = new Problem(GatewayApi.Reasons.UnsupportedProtocol, $"the protocol {listener.Protocol} is not supported") };
        }
        if (listener.Protocol == GatewayApi.Protocols.Https && (listener.Tls is null || (listener.Tls.Mode ?? Terminate) != Terminate))
        {
            state = state with { Invalid = new Problem(GatewayApi.Reasons.Invalid, "HTTPS needs certificates, and ends TLS here") };
        }
        if (asked.FirstOrDefault(kind => !IsSupported(kind, supported)) is { } unsupported)
        {
            state = state with { Unresolved = new Problem(GatewayApi.Reasons.InvalidRouteKinds, $"the kind {unsupported.Kind} cannot be attached to {listener.Protocol}") };
        }
        return listener.Protocol == GatewayApi.Protocols.Http || state.IsPassthrough
            ? state
            : clients.Apply(gateway, WithCertificates(gateway.Metadata.Namespace ?? "", state));
    }

    private ListenerState WithCertificates(string @namespace, ListenerState state)
    {
        var references = state.Spec.Tls?.CertificateRefs ?? [];
        var (loaded, problem) = certificates.Load(@namespace, references);
        if (references.Count == 0)
        {
            problem = new Problem(GatewayApi.Reasons.InvalidCertificateRef, "the listener names no certificate");
        }
        return state with { Certificates = loaded, Unresolved = state.Unresolved ?? problem };
    }

    private static IReadOnlyList<string> KindsOf(string protocol) => protocol switch
    {
        GatewayApi.Protocols.Http or GatewayApi.Protocols.Https => [GatewayApi.Kinds.HttpRoute, GatewayApi.Kinds.GrpcRoute],
        GatewayApi.Protocols.Tls => [GatewayApi.Kinds.TlsRoute],
        _ => [],
    };

    private static bool IsSupported(RouteGroupKind kind, IReadOnlyList<string> supported) =>
        kind.Group is null or GatewayApi.Group && supported.Contains(kind.Kind);

    /// <summary>
    /// A port has one protocol, and each hostname there one listener. HTTPS and TLS can share a port, since the name that a client asks for tells them
    /// apart: as long as no hostname is both.
    /// </summary>
    private static Problem? ConflictOf(ListenerState listener, List<ListenerState> all)
    {
        if (listener.Invalid?.Reason == GatewayApi.Reasons.UnsupportedProtocol)
        {
            return null;
        }
        foreach (var other in all)
        {
            if (ReferenceEquals(other, listener) || other.Spec.Port != listener.Spec.Port || other.Invalid?.Reason == GatewayApi.Reasons.UnsupportedProtocol)
            {
                continue;
            }
            var isSameName = string.Equals(other.Hostname, listener.Hostname, StringComparison.OrdinalIgnoreCase);
            if (other.Spec.Protocol == listener.Spec.Protocol ? isSameName : isSameName || IsPlain(other) || IsPlain(listener))
            {
                var reason = other.Spec.Protocol == listener.Spec.Protocol ? GatewayApi.Reasons.HostnameConflict : GatewayApi.Reasons.ProtocolConflict;
                return new Problem(reason, $"listener {other.Spec.Name} has the same port");
            }
        }
        return null;
    }

    private static bool IsPlain(ListenerState listener) => listener.Spec.Protocol == GatewayApi.Protocols.Http;

    private static bool IsOverlapping(ListenerState listener, List<ListenerState> all) =>
        listener.Spec.Protocol == GatewayApi.Protocols.Https && all.Any(other => !ReferenceEquals(other, listener)
            && other.Spec.Port == listener.Spec.Port && other.Spec.Protocol == GatewayApi.Protocols.Https
            && Hostnames.TryIntersect(listener.Hostname, other.Hostname, out _));
}
