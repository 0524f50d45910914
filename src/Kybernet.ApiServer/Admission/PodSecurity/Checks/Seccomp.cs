namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>Seccomp confines containers by the runtime's profile, or by one of the machine's.</summary>
internal static class Seccomp
{
    private const string PodAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
    private const string ContainerAnnotationPrefix = "container.seccomp.security.alpha.kubernetes.io/";

    /// <summary>No profile is given up, as it was said before there were fields for it.</summary>
    public static CheckFailure? Annotations(CheckedPod pod)
    {
        var keys = pod.Containers.Select(static container => ContainerAnnotationPrefix + container.Name).Prepend(PodAnnotation);
        var forbidden = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (pod.Annotations.TryGetValue(key, out var value) && !IsAllowedAnnotation(value))
            {
                forbidden.Add($"{key}=\"{value}\"");
            }
        }
        return forbidden.Count == 0
            ? null
            : new CheckFailure("seccompProfile", $"forbidden {CheckText.Number(forbidden.Count, "annotation", "annotations")} {string.Join(", ", forbidden)}");
    }

    /// <summary>No profile is given up.</summary>
    public static CheckFailure? NotUnconfined(CheckedPod pod)
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        var isPodBad = IsForbidden(pod.Spec.SecurityContext?.SeccompProfile?.Type, values);
        var names = pod.Names(container => IsForbidden(container.SecurityContext?.SeccompProfile?.Type, values));
        return isPodBad || names.Count > 0
            ? Failure($"{CheckText.Setters(isPodBad, names)} must not set securityContext.seccompProfile.type to {CheckText.Quoted(values)}")
            : null;
    }

    /// <summary>A profile is asked for.</summary>
    public static CheckFailure? Confined(CheckedPod pod)
    {
        if (NotUnconfined(pod) is { } failure)
        {
            return failure;
        }
        var isPodConfined = pod.Spec.SecurityContext?.SeccompProfile is not null;
        var silent = pod.Names(container => !isPodConfined && container.SecurityContext?.SeccompProfile is null);
        return silent.Count == 0
            ? null
            : Failure($"pod or {CheckText.Containers(silent)} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
    }

    private static bool IsForbidden(string? type, SortedSet<string> values)
    {
        if (type is null or "RuntimeDefault" or "Localhost")
        {
            return false;
        }
        values.Add(type);
        return true;
    }

    private static bool IsAllowedAnnotation(string value) => value is "runtime/default" or "docker/default" || value.StartsWith("localhost/", StringComparison.Ordinal);

    private static CheckFailure Failure(string detail) => new("seccompProfile", detail);
}
