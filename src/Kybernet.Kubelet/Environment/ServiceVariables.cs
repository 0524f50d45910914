using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Environment;

/// <summary>The variables that tell a container where Services are.</summary>
internal static class ServiceVariables
{
    private const string MasterNamespace = "default";
    private const string MasterService = "kubernetes";

    /// <summary>
    /// The variables of all Services of a pod's namespace, where the pod wants links, and in any case those of the API server.
    /// </summary>
    public static Dictionary<string, string> Build(IEnumerable<Service> services, string @namespace, bool enableServiceLinks)
    {
        var chosen = new Dictionary<string, Service>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            if (service.Spec.ClusterIP is null or "" or "None")
            {
                continue;
            }
            var name = service.Metadata.Name ?? "";
            if (service.Metadata.Namespace == @namespace && enableServiceLinks)
            {
                chosen[name] = service;
            }
            else if (service.Metadata.Namespace == MasterNamespace && name == MasterService)
            {
                chosen.TryAdd(name, service);
            }
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in chosen.Values)
        {
            Add(variables, service);
        }
        return variables;
    }

    private static void Add(Dictionary<string, string> variables, Service service)
    {
        var prefix = VariableName(service.Metadata.Name ?? "");
        var address = service.Spec.ClusterIP!;
        var ports = service.Spec.Ports;
        if (ports.Count == 0)
        {
            return;
        }
        variables[$"{prefix}_SERVICE_HOST"] = address;
        variables[$"{prefix}_SERVICE_PORT"] = Text(ports[0].Port);
        foreach (var port in ports)
        {
            if (port.Name is { Length: > 0 } name)
            {
                variables[$"{prefix}_SERVICE_PORT_{VariableName(name)}"] = Text(port.Port);
            }
        }

        var host = address.Contains(':') ? $"[{address}]" : address;
        for (var i = 0; i < ports.Count; i++)
        {
            var protocol = ports[i].Protocol ?? "TCP";
            var number = Text(ports[i].Port);
            var url = $"{protocol.ToLowerInvariant()}://{host}:{number}";
            if (i == 0)
            {
                variables[$"{prefix}_PORT"] = url;
            }
            var port = $"{prefix}_PORT_{number}_{protocol.ToUpperInvariant()}";
            variables[port] = url;
            variables[$"{port}_PROTO"] = protocol.ToLowerInvariant();
            variables[$"{port}_PORT"] = number;
            variables[$"{port}_ADDR"] = address;
        }
    }

    private static string VariableName(string name) => name.Replace('-', '_').ToUpperInvariant();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
