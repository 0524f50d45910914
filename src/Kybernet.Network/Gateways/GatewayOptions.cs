using System.Net;

namespace Kybernet.Network.Gateways;

/// <summary>How the cluster's gateways work.</summary>
public sealed record GatewayOptions
{
    /// <summary>The address to listen on: one of this machine that the cluster's nodes reach. The ports are any that are free; Services lead to them.</summary>
    public required IPAddress ListenAddress { get; init; }

    /// <summary>How long to wait for a load balancer before a Gateway is told of by the address of its Service, which only the cluster knows.</summary>
    public TimeSpan LoadBalancerPatience { get; init; } = TimeSpan.FromSeconds(5);
}
