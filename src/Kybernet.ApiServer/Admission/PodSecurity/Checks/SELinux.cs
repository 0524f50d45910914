using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>SELinux confines containers as runtimes have it.</summary>
internal static class SELinux
{
    private static readonly string[] Types = ["", "container_t", "container_init_t", "container_kvm_t"];
    private static readonly string[] TypesWithEngine = [.. Types, "container_engine_t"];

    /// <summary>Only types that confine, and neither user nor role.</summary>
    public static CheckFailure? Check(CheckedPod pod) => Check(pod, Types);

    /// <summary>The same, with the type for containers that run containers.</summary>
    public static CheckFailure? CheckWithEngine(CheckedPod pod) => Check(pod, TypesWithEngine);

    private static CheckFailure? Check(CheckedPod pod, string[] allowed)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        var (setsUser, setsRole) = (false, false);
        var isPodBad = IsBad(pod.Spec.SecurityContext?.SeLinuxOptions);
        var names = pod.Names(container => IsBad(container.SecurityContext?.SeLinuxOptions));
        if (!isPodBad && names.Count == 0)
        {
            return null;
        }
        var what = new List<string>();
        if (types.Count > 0)
        {
            what.Add($"{CheckText.Number(types.Count, "type", "types")} {CheckText.Quoted(types)}");
        }
        if (setsUser)
        {
            what.Add("user may not be set");
        }
        if (setsRole)
        {
            what.Add("role may not be set");
        }
        return new CheckFailure("seLinuxOptions", $"{CheckText.Setters(isPodBad, names)} set forbidden securityContext.seLinuxOptions: {string.Join("; ", what)}");

        bool IsBad(SELinuxOptions? options)
        {
            if (options is null)
            {
                return false;
            }
            var isBadType = !allowed.Contains(options.Type ?? "");
            if (isBadType)
            {
                types.Add(options.Type!);
            }
            var (hasUser, hasRole) = (options.User is { Length: > 0 }, options.Role is { Length: > 0 });
            setsUser |= hasUser;
            setsRole |= hasRole;
            return isBadType || hasUser || hasRole;
        }
    }
}
