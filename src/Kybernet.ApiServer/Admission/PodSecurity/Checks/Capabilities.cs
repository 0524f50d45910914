using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>What containers may do of what only root may.</summary>
internal static class Capabilities
{
    private static readonly HashSet<string> Usual = new(StringComparer.Ordinal)
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    };

    /// <summary>No more is added than runtimes give anyway.</summary>
    public static CheckFailure? OnlyUsual(CheckedPod pod) =>
        Added(pod, Usual.Contains) is { } detail ? new CheckFailure("non-default capabilities", detail) : null;

    /// <summary>All are dropped, and at most the one for low ports is added again.</summary>
    public static CheckFailure? AllDropped(CheckedPod pod)
    {
        var details = new List<string>();
        var keeping = pod.Names(static container => container.SecurityContext?.Capabilities?.Drop.Contains("ALL") != true);
        if (keeping.Count > 0)
        {
            details.Add($"{CheckText.Containers(keeping)} must set securityContext.capabilities.drop=[\"ALL\"]");
        }
        if (Added(pod, static name => name == "NET_BIND_SERVICE") is { } added)
        {
            details.Add(added);
        }
        return details.Count == 0 ? null : new CheckFailure("unrestricted capabilities", string.Join("; ", details));
    }

    private static string? Added(CheckedPod pod, Func<string, bool> isAllowed)
    {
        var forbidden = new SortedSet<string>(StringComparer.Ordinal);
        var containers = pod.Names(container => AddForbidden(container, isAllowed, forbidden));
        return containers.Count == 0 ? null : $"{CheckText.Containers(containers)} must not include {CheckText.Quoted(forbidden)} in securityContext.capabilities.add";
    }

    private static bool AddForbidden(Container container, Func<string, bool> isAllowed, SortedSet<string> forbidden)
    {
        var found = false;
        foreach (var name in container.SecurityContext?.Capabilities?.Add ?? [])
        {
            if (!isAllowed(name))
            {
                forbidden.Add(name);
                found = true;
            }
        }
        return found;
    }
}
