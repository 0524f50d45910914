using System.Net;

namespace Kybernet.Network.Dns;

/// <summary>How the cluster's DNS works; what can be changed while it runs is in the ConfigMap <c>kube-system/kube-dns</c>.</summary>
public sealed record ClusterDnsOptions
{
    /// <summary>The address to listen on: one that pods reach, and answers come from.</summary>
    public required IPAddress ListenAddress { get; init; }

    /// <summary>The port to listen on, for UDP and TCP; where it is taken, another.</summary>
    public int Port { get; init; } = 10053;

    /// <summary>The port of <c>/metrics</c>, <c>/health</c> and <c>/ready</c>; where it is taken, another.</summary>
    public int MetricsPort { get; init; } = 9153;

    /// <summary>The address of the Service <c>kube-dns</c>, which leads to the listener; null where somebody else keeps it.</summary>
    public IPAddress? ServiceAddress { get; init; }

    /// <summary>Where the cluster's names end.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>For how many seconds answers about the cluster may be kept.</summary>
    public uint Ttl { get; init; } = 5;

    /// <summary>The resolver configuration that names the servers which are asked for all other names.</summary>
    public string ResolverConfiguration { get; init; } = "/etc/resolv.conf";

    /// <summary>How many sockets, each with a thread of its own, share the UDP port.</summary>
    public int UdpSockets { get; init; } = Math.Min(4, Environment.ProcessorCount);

    /// <summary>How many answers of other servers are kept.</summary>
    public int CacheCapacity { get; init; } = 10_000;
}
