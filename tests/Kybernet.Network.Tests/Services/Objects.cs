using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Network.Services;

namespace Kybernet.Network.Tests.Services;

/// <summary>Makes the objects that the proxy reads.</summary>
internal static class Objects
{
    public const string NodeName = "here";

    public static ServiceProxyOptions Options { get; } = new()
    {
        NodeName = NodeName, Table = "kybernet-test", ClusterCidrs = [System.Net.IPNetwork.Parse("10.77.0.0/16"), System.Net.IPNetwork.Parse("fd77::/64")],
    };

    public static Service Service(string name, string clusterIP, params ServicePort[] ports) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new ServiceSpec { ClusterIP = clusterIP, ClusterIPs = [clusterIP], Ports = ports },
    };

    public static ServicePort Port(int port, string protocol = "TCP", int? nodePort = null) => new() { Port = port, Protocol = protocol, NodePort = nodePort };

    public static EndpointSlice Slice(string service, int port, string protocol, params Endpoint[] endpoints) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = service + "-1",
            Namespace = "default",
            Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service },
        },
        AddressType = endpoints.Any(static endpoint => endpoint.Addresses[0].Contains(':')) ? "IPv6" : "IPv4",
        Endpoints = endpoints,
        Ports = [new Api.Discovery.V1.EndpointPort { Name = "", Port = port, Protocol = protocol }],
    };

    public static Endpoint Endpoint(string address, string node = NodeName, bool ready = true, bool terminating = false, string? zone = null) => new()
    {
        Addresses = [address],
        NodeName = node,
        Conditions = new EndpointConditions { Ready = ready && !terminating, Serving = ready, Terminating = terminating },
        Hints = zone is null ? null : new EndpointHints { ForZones = [new ForZone { Name = zone }] },
    };
}
