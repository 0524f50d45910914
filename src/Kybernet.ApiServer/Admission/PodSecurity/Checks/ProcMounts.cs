namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>What containers see of the kernel under <c>/proc</c>.</summary>
internal static class ProcMounts
{
    /// <summary>What runtimes hide stays hidden.</summary>
    public static CheckFailure? OnlyDefault(CheckedPod pod)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        var names = pod.Names(container => container.SecurityContext?.ProcMount is { } type && type != "Default" && (types.Add(type) || true));
        return names.Count == 0
            ? null
            : new CheckFailure("procMount", $"{CheckText.Containers(names)} must not set securityContext.procMount to {CheckText.Quoted(types)}");
    }
}
