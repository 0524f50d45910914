using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>How services are shown.</summary>
internal static class ServiceTable
{
    private const int NarrowWidth = 16;

    public static TableDefinition Definition { get; } = TableBuilder.For<Service>()
        .Name()
        .Text("Type", "How the service is reached.", static item => item.Spec.Type)
        .Text(
            "Cluster-IP", "The address of the service inside the cluster.",
            static item => string.IsNullOrEmpty(item.Spec.ClusterIP) ? "<none>" : item.Spec.ClusterIP)
        .Text("External-IP", "The addresses of the service outside the cluster.", ExternalAddress)
        .Text("Port(s)", "The ports of the service.", static item => Ports(item.Spec.Ports))
        .Age()
        .Selector(static item => LabelRules.Format(item.Spec.Selector))
        .Build();

    /// <summary>The addresses of a load balancer, sorted, and shortened where they would fill the line.</summary>
    public static string LoadBalancerText(IEnumerable<(string? Ip, string? Hostname)> ingress)
    {
        var text = string.Join(",", ingress.Select(point => string.IsNullOrEmpty(point.Ip) ? point.Hostname : point.Ip)
            .Where(address => !string.IsNullOrEmpty(address)).Distinct().Order(StringComparer.Ordinal));
        return text.Length > NarrowWidth ? text[..(NarrowWidth - 3)] + "..." : text;
    }

    private static string ExternalAddress(Service service)
    {
        var addresses = string.Join(",", service.Spec.ExternalIPs);
        switch (service.Spec.Type)
        {
            case "ClusterIP" or "NodePort":
                return addresses.Length == 0 ? "<none>" : addresses;
            case "ExternalName":
                return service.Spec.ExternalName ?? "";
            case "LoadBalancer":
                var balancer = LoadBalancerText((service.Status.LoadBalancer?.Ingress ?? []).Select(ingress => (ingress.Ip, ingress.Hostname)));
                return (balancer, addresses) switch
                {
                    ("", "") => "<pending>",
                    (_, "") => balancer,
                    ("", _) => addresses,
                    _ => $"{balancer},{addresses}",
                };
            default:
                return "<unknown>";
        }
    }

    private static string Ports(IReadOnlyList<ServicePort> ports) => ports.Count == 0 ? "<none>" : string.Join(",", ports.Select(port =>
        port.NodePort is > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{port.Port}:{port.NodePort}/{port.Protocol}")
            : string.Create(CultureInfo.InvariantCulture, $"{port.Port}/{port.Protocol}")));
}
