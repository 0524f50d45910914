using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Pods;

namespace Kybernet.Kubelet.Admission;

/// <summary>Keeps pods from kernel parameters that are not known to stay inside them.</summary>
internal static class SysctlAdmission
{
    // Upstream's safe set. Each is of a namespace of the kernel, which the pod must not share with the host.
    private static readonly Dictionary<string, bool> IsOfNetwork = new(StringComparer.Ordinal)
    {
        ["kernel.shm_rmid_forced"] = false,
        ["net.ipv4.ip_local_port_range"] = true,
        ["net.ipv4.tcp_syncookies"] = true,
        ["net.ipv4.ping_group_range"] = true,
        ["net.ipv4.ip_unprivileged_port_start"] = true,
        ["net.ipv4.ip_local_reserved_ports"] = true,
        ["net.ipv4.tcp_keepalive_time"] = true,
        ["net.ipv4.tcp_fin_timeout"] = true,
        ["net.ipv4.tcp_keepalive_intvl"] = true,
        ["net.ipv4.tcp_keepalive_probes"] = true,
        ["net.ipv4.tcp_rmem"] = true,
        ["net.ipv4.tcp_wmem"] = true,
    };

    /// <summary>Why a pod may not run here; null where it may.</summary>
    public static StartProblem? FindProblem(Pod pod)
    {
        foreach (var sysctl in pod.Spec.SecurityContext?.Sysctls ?? [])
        {
            if (FindProblem(pod, sysctl.Name.Replace('/', '.')) is { } problem)
            {
                return new StartProblem("SysctlForbidden", $"forbidden sysctl: {problem}");
            }
        }
        return null;
    }

    private static string? FindProblem(Pod pod, string name)
    {
        if (!IsOfNetwork.TryGetValue(name, out var isOfNetwork))
        {
            return $"\"{name}\" not allowlisted";
        }
        return isOfNetwork switch
        {
            true when pod.Spec.HostNetwork == true => $"\"{name}\" not allowed with host net enabled",
            false when pod.Spec.HostIPC == true => $"\"{name}\" not allowed with host ipc enabled",
            _ => null,
        };
    }
}
