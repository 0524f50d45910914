namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>That containers do not run as root.</summary>
internal static class RunAs
{
    /// <summary>The kubelet is told to see to it.</summary>
    public static CheckFailure? NonRoot(CheckedPod pod)
    {
        var forPod = pod.Spec.SecurityContext?.RunAsNonRoot;
        var refusing = pod.Names(static container => container.SecurityContext?.RunAsNonRoot == false);
        if (forPod == false || refusing.Count > 0)
        {
            return Failure($"{CheckText.Setters(forPod == false, refusing)} must not set securityContext.runAsNonRoot=false");
        }
        var silent = pod.Names(container => forPod is null && container.SecurityContext?.RunAsNonRoot is null);
        return silent.Count == 0 ? null : Failure($"pod or {CheckText.Containers(silent)} must set securityContext.runAsNonRoot=true");
    }

    /// <summary>Root is not asked for by its number.</summary>
    public static CheckFailure? User(CheckedPod pod)
    {
        var isPodBad = pod.Spec.SecurityContext?.RunAsUser == 0;
        var names = pod.Names(static container => container.SecurityContext?.RunAsUser == 0);
        return isPodBad || names.Count > 0 ? new CheckFailure("runAsUser=0", $"{CheckText.Setters(isPodBad, names)} must not set runAsUser=0") : null;
    }

    private static CheckFailure Failure(string detail) => new("runAsNonRoot != true", detail);
}
