namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>That containers are no more than what they run, and do not become more.</summary>
internal static class Privileges
{
    /// <summary>No container may do everything.</summary>
    public static CheckFailure? Privileged(CheckedPod pod) =>
        pod.Names(static container => container.SecurityContext?.Privileged == true) is { Count: > 0 } names
            ? new CheckFailure("privileged", $"{CheckText.Containers(names)} must not set securityContext.privileged=true")
            : null;

    /// <summary>No program of a container may become more than who started it.</summary>
    public static CheckFailure? Escalation(CheckedPod pod) =>
        pod.Names(static container => container.SecurityContext?.AllowPrivilegeEscalation != false) is { Count: > 0 } names
            ? new CheckFailure("allowPrivilegeEscalation != false", $"{CheckText.Containers(names)} must set securityContext.allowPrivilegeEscalation=false")
            : null;

    /// <summary>No container of Windows runs as a process of the machine.</summary>
    public static CheckFailure? HostProcess(CheckedPod pod)
    {
        var isPodBad = pod.Spec.SecurityContext?.WindowsOptions?.HostProcess == true;
        var names = pod.Names(static container => container.SecurityContext?.WindowsOptions?.HostProcess == true);
        return isPodBad || names.Count > 0
            ? new CheckFailure("hostProcess", $"{CheckText.Setters(isPodBad, names)} must not set securityContext.windowsOptions.hostProcess=true")
            : null;
    }
}
