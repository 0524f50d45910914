namespace Kybernet.Network.Services.Rules;

/// <summary>The names of the sets, maps and chains that are always there; most are followed by the version of IP, those of endpoints by the protocol before that.</summary>
internal static class TableNames
{
    /// <summary>Cluster, external and load balancer addresses with protocol and port: to the chain that chooses an endpoint.</summary>
    public const string ServiceIPs = "service-ips-";

    /// <summary>The same for node ports: protocol and port.</summary>
    public const string ServiceNodePorts = "service-nodeports-";

    /// <summary>Address, protocol, port and a number from 0: to the address and port of an endpoint.</summary>
    public const string Endpoints = "endpoints-";

    /// <summary>The same for endpoints of this node alone, for what comes from outside.</summary>
    public const string LocalEndpoints = "local-endpoints-";

    /// <summary>As <see cref="Endpoints"/>, for node ports.</summary>
    public const string NodePortEndpoints = "nodeport-endpoints-";

    /// <summary>As <see cref="LocalEndpoints"/>, for node ports.</summary>
    public const string LocalNodePortEndpoints = "local-nodeport-endpoints-";

    /// <summary>Addresses with protocol and port that no endpoint is behind: what becomes of packets.</summary>
    public const string NoEndpointServices = "no-endpoint-services-";

    /// <summary>The same for node ports.</summary>
    public const string NoEndpointNodePorts = "no-endpoint-nodeports-";

    /// <summary>All cluster addresses.</summary>
    public const string ClusterIPs = "cluster-ips-";

    /// <summary>Addresses with protocol and port that only some may send to: to the chain that drops the others.</summary>
    public const string FirewallIPs = "firewall-ips-";

    /// <summary>Each endpoint's address, twice: a packet from an endpoint to itself.</summary>
    public const string Hairpin = "hairpin-";

    /// <summary>The addresses that node ports are served at.</summary>
    public const string NodePortIPs = "nodeport-ips-";

    /// <summary>Marks a packet to be masqueraded.</summary>
    public const string MarkForMasquerade = "mark-for-masquerade";

    /// <summary>Tells the sender that nobody is there.</summary>
    public const string Reject = "reject-chain";
}
