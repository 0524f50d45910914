using Kybernet.Api.Gateway.V1;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>A listener of a Gateway, as it is judged.</summary>
internal sealed record ListenerState
{
    public required Listener Spec { get; init; }

    /// <summary>The kinds of routes that it takes.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>Why it cannot be accepted; null where it can.</summary>
    public Problem? Invalid { get; init; }

    /// <summary>With what other listeners it cannot be together; null where it can be.</summary>
    public Problem? Conflict { get; init; }

    /// <summary>What it refers to in vain; null where all is there.</summary>
    public Problem? Unresolved { get; init; }

    /// <summary>Whether other listeners at its port have hostnames that overlap with its own.</summary>
    public bool Overlaps { get; init; }

    /// <summary>The certificates that TLS is ended with.</summary>
    public IReadOnlyList<LoadedCertificate> Certificates { get; init; } = [];

    /// <summary>Whose certificates clients must have; null where they need none.</summary>
    public ClientAuthorities? Clients { get; init; }

    public string Hostname => Spec.Hostname ?? "";

    public bool IsPassthrough => Spec.Protocol == GatewayApi.Protocols.Tls && Spec.Tls?.Mode == "Passthrough";

    public bool IsAccepted => Invalid is null && Conflict is null;

    /// <summary>Whether it is listened at.</summary>
    public bool IsServing => IsAccepted && (Spec.Protocol == GatewayApi.Protocols.Http || IsPassthrough || Certificates.Count > 0);
}
