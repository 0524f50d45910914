using System.Net;

namespace Kybernet.Network.Ingresses;

/// <summary>How the cluster's ingress works.</summary>
public sealed record IngressOptions
{
    /// <summary>The address to listen on.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Any;

    /// <summary>The address that Ingresses tell of in their status: one at which the listener is reached.</summary>
    public required IPAddress PublishedAddress { get; init; }

    /// <summary>The port for HTTP; where it is taken, another.</summary>
    public int HttpPort { get; init; } = 80;

    /// <summary>The port for HTTPS; where it is taken, another.</summary>
    public int HttpsPort { get; init; } = 443;
}
