using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.Endpoints;

/// <summary>Which pods a Service leads to, and at which of their ports.</summary>
internal static class ServicePods
{
    public const string HeadlessLabel = "service.kubernetes.io/headless";

    public static bool IsHeadless(this Service service) => service.Spec.ClusterIP == "None";

    public static bool HasEndpoints(this Service service) => service.Spec.Selector.Count > 0 && service.Spec.Type != "ExternalName";

    /// <summary>The pods with an address that have not ended, in the order of their names.</summary>
    public static IReadOnlyList<Pod> Of(Service service, ILister<Pod> pods)
    {
        var selector = Selector.FromLabels(service.Spec.Selector);
        return [.. pods.List(service.Metadata.Namespace ?? "")
            .Where(pod => !string.IsNullOrEmpty(pod.Status.PodIP) && !pod.IsTerminal() && selector.Matches(pod.Metadata.Labels))
            .OrderBy(static pod => pod.Metadata.Name, StringComparer.Ordinal)];
    }

    /// <summary>The address of a pod in a family (<c>IPv4</c>, <c>IPv6</c>); null where it has none.</summary>
    public static string? Address(Pod pod, string family)
    {
        foreach (var address in pod.Status.PodIPs)
        {
            if (address.Ip is { } ip && IsOf(ip, family))
            {
                return ip;
            }
        }
        return pod.Status.PodIP is { } only && IsOf(only, family) ? only : null;
    }

    /// <summary>The number of the port that a Service's port leads to in a pod; null where the pod has no port of that name.</summary>
    public static int? TargetPort(Pod pod, ServicePort port)
    {
        if (port.TargetPort is not { } target || (target.IsInt && target.IntValue == 0))
        {
            return port.Port;
        }
        if (target.IsInt)
        {
            return target.IntValue;
        }
        foreach (var container in pod.Spec.Containers)
        {
            foreach (var candidate in container.Ports)
            {
                if (candidate.Name == target.StringValue && (candidate.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))
                {
                    return candidate.ContainerPortValue;
                }
            }
        }
        return null;
    }

    /// <summary>The reference to a pod that an endpoint carries.</summary>
    public static ObjectReference Reference(Pod pod) =>
        new() { Kind = "Pod", Namespace = pod.Metadata.Namespace, Name = pod.Metadata.Name, Uid = pod.Metadata.Uid };

    /// <summary>The name that a pod has under a headless Service; null where it has none.</summary>
    public static string? Hostname(Pod pod, Service service) =>
        !string.IsNullOrEmpty(pod.Spec.Hostname) && pod.Spec.Subdomain == service.Metadata.Name ? pod.Spec.Hostname : null;

    private static bool IsOf(string ip, string family) => ip.Contains(':', StringComparison.Ordinal) == (family == "IPv6");
}
