using Kybernet.ApiServer.Admission.PodSecurity.Checks;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>The Pod Security Standards: which check is made at which level, since which version.</summary>
internal static class PodSecurityStandards
{
    private const PodSecurityLevel Baseline = PodSecurityLevel.Baseline;
    private const PodSecurityLevel Restricted = PodSecurityLevel.Restricted;

    // By level, then by name: it is the order in which failures are told.
    private static readonly PodSecurityCheck[] All =
    [
        new("appArmorProfile", Baseline, (0, AppArmor.Check)),
        new("capabilities_baseline", Baseline, (0, Capabilities.OnlyUsual)),
        new("hostNamespaces", Baseline, (0, HostAccess.Namespaces)),
        new("hostPathVolumes", Baseline, (0, Volumes.NoHostPath)),
        new("hostPorts", Baseline, (0, HostAccess.Ports)),
        new("hostProbesAndHostLifecycle", Baseline, (34, HostAccess.ProbesAndHooks)),
        new("privileged", Baseline, (0, Privileges.Privileged)),
        new("procMount", Baseline, (0, ProcMounts.OnlyDefault), (35, static pod => pod.HasOwnUsers ? null : ProcMounts.OnlyDefault(pod))),
        new("seLinuxOptions", Baseline, (0, SELinux.Check), (31, SELinux.CheckWithEngine)),
        new("seccompProfile_baseline", Baseline, (0, Seccomp.Annotations), (19, Seccomp.NotUnconfined)),
        new("sysctls", Baseline, (0, Sysctls.Check), (27, Sysctls.CheckSince27), (29, Sysctls.CheckSince29), (32, Sysctls.CheckSince32)),
        new("windowsHostProcess", Baseline, (0, Privileges.HostProcess)),
        new("allowPrivilegeEscalation", Restricted, (8, Privileges.Escalation), (25, NotOnWindows(Privileges.Escalation))),
        new("capabilities_restricted", Restricted, (22, Capabilities.AllDropped), (25, NotOnWindows(Capabilities.AllDropped))) { Overrides = "capabilities_baseline" },
        new("procMount_restricted", Restricted, (35, ProcMounts.OnlyDefault)) { Overrides = "procMount" },
        new("restrictedVolumes", Restricted, (0, Volumes.OnlyHarmless)) { Overrides = "hostPathVolumes" },
        new("runAsNonRoot", Restricted, (0, RunAs.NonRoot), (35, static pod => pod.HasOwnUsers ? null : RunAs.NonRoot(pod))),
        new("runAsUser", Restricted, (23, RunAs.User), (35, static pod => pod.HasOwnUsers ? null : RunAs.User(pod))),
        new("seccompProfile_restricted", Restricted, (19, Seccomp.Confined), (25, NotOnWindows(Seccomp.Confined))) { Overrides = "seccompProfile_baseline" },
    ];

    /// <summary>What the standards have against a pod.</summary>
    public static List<CheckFailure> Evaluate(LevelVersion policy, CheckedPod pod)
    {
        var failures = new List<CheckFailure>();
        foreach (var check in All)
        {
            if (check.Level <= policy.Level && !IsOverridden(check, policy) && check.At(policy.Version)?.Invoke(pod) is { } failure)
            {
                failures.Add(failure);
            }
        }
        return failures;
    }

    private static bool IsOverridden(PodSecurityCheck check, LevelVersion policy)
    {
        foreach (var other in All)
        {
            if (other.Overrides == check.Id && other.Level <= policy.Level && other.At(policy.Version) is not null)
            {
                return true;
            }
        }
        return false;
    }

    private static Func<CheckedPod, CheckFailure?> NotOnWindows(Func<CheckedPod, CheckFailure?> check) => pod => pod.IsWindows ? null : check(pod);
}
