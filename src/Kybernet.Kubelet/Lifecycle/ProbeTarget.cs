using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Lifecycle;

/// <summary>Finds the port that a probe or hook means.</summary>
internal static class ProbeTarget
{
    /// <exception cref="FormatException">The container has no such port.</exception>
    public static int Port(IntOrString port, Container container)
    {
        if (port.IsInt)
        {
            return port.IntValue;
        }
        foreach (var declared in container.Ports)
        {
            if (declared.Name == port.StringValue)
            {
                return declared.ContainerPortValue;
            }
        }
        return int.TryParse(port.StringValue, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"couldn't find port: \"{port}\" in container \"{container.Name}\"");
    }

    /// <summary>The address that an HTTP action means.</summary>
    /// <exception cref="FormatException">The container has no such port.</exception>
    public static Uri Url(HTTPGetAction action, Container container, string podAddress)
    {
        var host = action.Host is { Length: > 0 } own ? own : podAddress;
        var bracketed = host.Contains(':') ? $"[{host}]" : host;
        var path = action.Path is { Length: > 0 } text ? text : "/";
        return new Uri($"{(action.Scheme ?? "HTTP").ToLowerInvariant()}://{bracketed}:{Port(action.Port, container)}{(path[0] == '/' ? path : "/" + path)}");
    }
}
