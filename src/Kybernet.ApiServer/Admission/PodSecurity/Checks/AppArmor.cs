namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>AppArmor confines containers by the runtime's profile, or by one of the machine's.</summary>
internal static class AppArmor
{
    private const string AnnotationPrefix = "container.apparmor.security.beta.kubernetes.io/";

    /// <summary>No profile is given up.</summary>
    public static CheckFailure? Check(CheckedPod pod)
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        var isPodBad = IsForbidden(pod.Spec.SecurityContext?.AppArmorProfile?.Type, values);
        var containers = pod.Names(container => IsForbidden(container.SecurityContext?.AppArmorProfile?.Type, values));
        var annotations = pod.Annotations
            .Where(static annotation => annotation.Key.StartsWith(AnnotationPrefix, StringComparison.Ordinal) && !IsAllowedAnnotation(annotation.Value))
            .Select(static annotation => $"{annotation.Key}=\"{annotation.Value}\"").Order(StringComparer.Ordinal).ToArray();
        List<string> setters = isPodBad || containers.Count > 0 ? [CheckText.Setters(isPodBad, containers)] : [];
        if (annotations.Length > 0)
        {
            setters.Add(CheckText.Number(annotations.Length, "annotation", "annotations"));
        }
        return setters.Count == 0 ? null : new CheckFailure(
            CheckText.Number(values.Count + annotations.Length, "forbidden AppArmor profile", "forbidden AppArmor profiles"),
            $"{string.Join(" and ", setters)} must not set AppArmor profile type to {CheckText.Quoted(values.Concat(annotations))}");
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

    private static bool IsAllowedAnnotation(string value) => value is "" or "runtime/default" || value.StartsWith("localhost/", StringComparison.Ordinal);
}
