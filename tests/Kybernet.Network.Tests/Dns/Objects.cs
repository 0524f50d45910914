using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Network.Tests.Dns;

/// <summary>Makes the objects that DNS reads.</summary>
internal static class Objects
{
    public static Service Service(string name, string clusterIP, params ServicePort[] ports) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new ServiceSpec { ClusterIP = clusterIP, ClusterIPs = [clusterIP], Ports = ports },
    };

    public static Service ExternalName(string name, string target) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new ServiceSpec { Type = "ExternalName", ExternalName = target },
    };

    public static ServicePort Port(string name, int port, string protocol = "TCP") => new() { Name = name, Port = port, Protocol = protocol };

    public static EndpointSlice Slice(string name, string service, params Endpoint[] endpoints) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Namespace = "default",
            Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service },
        },
        AddressType = endpoints.Any(static endpoint => endpoint.Addresses[0].Contains(':')) ? "IPv6" : "IPv4",
        Endpoints = endpoints,
        Ports = [new Api.Discovery.V1.EndpointPort { Name = "http", Port = 8080, Protocol = "TCP" }],
    };

    public static Endpoint Endpoint(string address, string? hostname = null, bool ready = true) =>
        new() { Addresses = [address], Hostname = hostname, Conditions = new EndpointConditions { Ready = ready } };

    public static Pod Pod(string name, string @namespace, string address) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = @namespace },
        Spec = new PodSpec { NodeName = "node" },
        Status = new PodStatus { Phase = "Running", PodIP = address, PodIPs = [new PodIP { Ip = address }] },
    };
}
