namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>The kernel's settings that a pod may have its own of: such as concern nobody else.</summary>
internal static class Sysctls
{
    private static readonly string[] Safe =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
    ];

    private static readonly string[] SafeSince27 = [.. Safe, "net.ipv4.ip_local_reserved_ports"];

    private static readonly string[] SafeSince29 =
        [.. SafeSince27, "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"];

    private static readonly string[] SafeSince32 = [.. SafeSince29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"];

    /// <summary>Those that were known to be safe from the beginning.</summary>
    public static CheckFailure? Check(CheckedPod pod) => Check(pod, Safe);

    /// <summary>Those of v1.27 and later.</summary>
    public static CheckFailure? CheckSince27(CheckedPod pod) => Check(pod, SafeSince27);

    /// <summary>Those of v1.29 and later.</summary>
    public static CheckFailure? CheckSince29(CheckedPod pod) => Check(pod, SafeSince29);

    /// <summary>Those of v1.32 and later.</summary>
    public static CheckFailure? CheckSince32(CheckedPod pod) => Check(pod, SafeSince32);

    private static CheckFailure? Check(CheckedPod pod, string[] safe)
    {
        var forbidden = (pod.Spec.SecurityContext?.Sysctls ?? []).Select(static sysctl => sysctl.Name).Where(name => !safe.Contains(name)).ToArray();
        return forbidden.Length == 0 ? null : new CheckFailure("forbidden sysctls", string.Join(", ", forbidden));
    }
}
