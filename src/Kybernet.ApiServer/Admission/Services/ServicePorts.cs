using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>The ports of nodes that a Service has.</summary>
internal static class ServicePorts
{
    /// <summary>Each of them once: the ports of a Service may share one.</summary>
    public static IReadOnlySet<int> Of(Service service)
    {
        var ports = service.Spec.Ports.Select(static port => port.NodePort ?? 0).Append(service.Spec.HealthCheckNodePort ?? 0).ToHashSet();
        ports.Remove(0);
        return ports;
    }
}
