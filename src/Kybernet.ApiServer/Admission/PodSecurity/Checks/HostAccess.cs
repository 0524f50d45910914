using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>What a pod shares with the machine, and reaches of it.</summary>
internal static class HostAccess
{
    /// <summary>None of the machine's namespaces.</summary>
    public static CheckFailure? Namespaces(CheckedPod pod)
    {
        var shared = new List<string>();
        foreach (var (name, isShared) in (ReadOnlySpan<(string, bool?)>)[("hostNetwork", pod.Spec.HostNetwork), ("hostPID", pod.Spec.HostPID), ("hostIPC", pod.Spec.HostIPC)])
        {
            if (isShared == true)
            {
                shared.Add($"{name}=true");
            }
        }
        return shared.Count == 0 ? null : new CheckFailure("host namespaces", string.Join(", ", shared));
    }

    /// <summary>None of the machine's ports.</summary>
    public static CheckFailure? Ports(CheckedPod pod)
    {
        var ports = new SortedSet<string>(StringComparer.Ordinal);
        var containers = pod.Names(container =>
        {
            var own = container.Ports.Where(static port => port.HostPort is not (null or 0)).Select(static port => port.HostPort!.Value.ToString(CultureInfo.InvariantCulture)).ToArray();
            ports.UnionWith(own);
            return own.Length > 0;
        });
        return containers.Count == 0 ? null : new CheckFailure(
            "hostPort",
            $"{CheckText.Containers(containers)} {CheckText.Number(containers.Count, "uses", "use")} {CheckText.Number(ports.Count, "hostPort", "hostPorts")} {string.Join(", ", ports)}");
    }

    /// <summary>Probes and hooks, which the node carries out, reach nothing but the pod.</summary>
    public static CheckFailure? ProbesAndHooks(CheckedPod pod)
    {
        var hosts = new SortedSet<string>(StringComparer.Ordinal);
        var containers = new SortedSet<string>(
            pod.Names(container =>
            {
                var own = HostsOf(container).Where(static host => !string.IsNullOrEmpty(host)).ToArray();
                hosts.UnionWith(own!);
                return own.Length > 0;
            }),
            StringComparer.Ordinal);
        return containers.Count == 0 ? null : new CheckFailure(
            "probe or lifecycle host",
            $"{CheckText.Containers(containers)} {CheckText.Number(containers.Count, "uses", "use")} {CheckText.Number(hosts.Count, "probe or lifecycle host", "probe or lifecycle hosts")} {CheckText.Quoted(hosts)}");
    }

    private static IEnumerable<string?> HostsOf(Container container)
    {
        foreach (var probe in (Probe?[])[container.LivenessProbe, container.ReadinessProbe, container.StartupProbe])
        {
            yield return probe?.HttpGet?.Host;
            yield return probe?.TcpSocket?.Host;
        }
        foreach (var hook in (LifecycleHandler?[])[container.Lifecycle?.PostStart, container.Lifecycle?.PreStop])
        {
            yield return hook?.HttpGet?.Host;
            yield return hook?.TcpSocket?.Host;
        }
    }
}
