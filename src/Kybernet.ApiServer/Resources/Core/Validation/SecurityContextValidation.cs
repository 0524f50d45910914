using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What pods and containers may do, and as whom.</summary>
internal static class SecurityContextValidation
{
    private const int MaxProfilePath = 4095;
    private static readonly string[] ProfileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];
    private static readonly string[] GroupChangePolicies = ["Always", "OnRootMismatch"];
    private static readonly string[] SupplementalPolicies = ["Merge", "Strict"];
    private static readonly string[] SeLinuxPolicies = ["MountOption", "Recursive"];
    private static readonly string[] ProcMounts = ["Default", "Unmasked"];

    /// <summary>Says what is wrong with a container's security context.</summary>
    public static void Container(SecurityContext? context, FieldPath container, PodValidationContext pod)
    {
        if (context is null)
        {
            return;
        }
        var path = container.Child("securityContext");
        var errors = pod.Errors;
        Id(context.RunAsUser, path, "runAsUser", errors);
        Id(context.RunAsGroup, path, "runAsGroup", errors);
        errors.OneOf(context.ProcMount, path, "procMount", ProcMounts);
        if (pod.UsesHostUsers && context.ProcMount == "Unmasked")
        {
            errors.Invalid(path.Child("procMount"), context.ProcMount, "`hostUsers` must be false to use `Unmasked`");
        }
        Seccomp(context.SeccompProfile, path, errors);
        if (context.AllowPrivilegeEscalation == false)
        {
            Escalation(context, path, errors);
        }
        WindowsValidation.Options(context.WindowsOptions, path.Child("windowsOptions"), errors);
        AppArmor(context.AppArmorProfile, path, errors);
    }

    /// <summary>Says what is wrong with a pod's security context.</summary>
    public static void Pod(PodSecurityContext? context, FieldPath spec, PodValidationContext pod)
    {
        if (context is null || ReferenceEquals(context, PodSecurityContext.Empty))
        {
            return;
        }
        var path = spec.Child("securityContext");
        var errors = pod.Errors;
        Id(context.FsGroup, path, "fsGroup", errors);
        Id(context.RunAsUser, path, "runAsUser", errors);
        Id(context.RunAsGroup, path, "runAsGroup", errors);
        for (var i = 0; i < context.SupplementalGroups.Count; i++)
        {
            if (context.SupplementalGroups[i] is < 0 or > int.MaxValue)
            {
                errors.Invalid(path.Child("supplementalGroups").Index(i), context.SupplementalGroups[i], FieldRules.IdRange);
            }
        }
        if (pod.Spec.ShareProcessNamespace == true && pod.Spec.HostPID == true)
        {
            errors.Invalid(path.Child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled");
        }
        Sysctls(context.Sysctls, path.Child("sysctls"), pod);
        errors.OneOf(context.FsGroupChangePolicy, path, "fsGroupChangePolicy", GroupChangePolicies);
        Seccomp(context.SeccompProfile, path, errors);
        WindowsValidation.Options(context.WindowsOptions, path.Child("windowsOptions"), errors);
        AppArmor(context.AppArmorProfile, path, errors);
        errors.OneOf(context.SupplementalGroupsPolicy, path, "supplementalGroupsPolicy", SupplementalPolicies);
        errors.OneOf(context.SeLinuxChangePolicy, path, "seLinuxChangePolicy", SeLinuxPolicies);
    }

    private static void Id(long? id, FieldPath path, string field, FieldErrors errors)
    {
        if (id is < 0 or > int.MaxValue)
        {
            errors.Invalid(path.Child(field), id.Value, FieldRules.IdRange);
        }
    }

    private static void Escalation(SecurityContext context, FieldPath path, FieldErrors errors)
    {
        if (context.Privileged == true)
        {
            errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        foreach (var capability in context.Capabilities?.Add ?? [])
        {
            if (capability == "CAP_SYS_ADMIN")
            {
                errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }
    }

    private static void Seccomp(SeccompProfile? profile, FieldPath context, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }
        var path = context.Child("seccompProfile");
        Type(profile.Type, path.Child("type"), "type is required when seccompProfile is set", errors);
        if (profile.Type != "Localhost")
        {
            if (profile.LocalhostProfile is not null)
            {
                errors.Invalid(path.Child("localhostProfile"), profile, "can only be set when seccomp type is Localhost");
            }
        }
        else if (profile.LocalhostProfile is null)
        {
            errors.Required(path.Child("localhostProfile"), "must be set when seccomp type is Localhost");
        }
        else
        {
            PathRules.Descending(profile.LocalhostProfile, path.Child("localhostProfile"), errors);
        }
    }

    private static void AppArmor(AppArmorProfile? profile, FieldPath context, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }
        var path = context.Child("appArmorProfile");
        Type(profile.Type, path.Child("type"), "type is required when appArmorProfile is set", errors);
        var file = path.Child("localhostProfile");
        switch (profile)
        {
            case { Type: "Localhost", LocalhostProfile: null or "" }:
                errors.Required(file, "must be set when AppArmor type is Localhost");
                break;
            case { Type: "Localhost" } when profile.LocalhostProfile!.Trim().Length != profile.LocalhostProfile.Length:
                errors.Invalid(file, profile.LocalhostProfile, "must not be padded with whitespace");
                break;
            case { Type: "Localhost", LocalhostProfile.Length: > MaxProfilePath }:
                errors.TooLong(file, MaxProfilePath);
                break;
            case { Type: "RuntimeDefault" or "Unconfined", LocalhostProfile: not null }:
                errors.Invalid(file, profile.LocalhostProfile, "can only be set when AppArmor type is Localhost");
                break;
        }
    }

    private static void Type(string type, FieldPath path, string required, FieldErrors errors)
    {
        if (type.Length == 0)
        {
            errors.Required(path, required);
        }
        else if (Array.IndexOf(ProfileTypes, type) < 0)
        {
            errors.NotSupported(path, type, ProfileTypes);
        }
    }

    private static void Sysctls(IReadOnlyList<Sysctl> sysctls, FieldPath path, PodValidationContext pod)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < sysctls.Count; i++)
        {
            var name = sysctls[i].Name;
            var field = path.Index(i).Child("name");
            if (name.Length == 0)
            {
                pod.Errors.Required(field);
            }
            else if (!IsSysctl(name))
            {
                pod.Errors.Invalid(field, name,
                    "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
            }
            else if (names.Contains(name))
            {
                pod.Errors.Duplicate(field, name);
            }
            if (pod.Spec.HostNetwork == true && name.StartsWith("net.", StringComparison.Ordinal))
            {
                pod.Errors.Invalid(field, name, "may not be specified when 'hostNetwork' is true");
            }
            else if (pod.Spec.HostIPC == true && IsIpcSysctl(name))
            {
                pod.Errors.Invalid(field, name, "may not be specified when 'hostIPC' is true");
            }
            names.Add(name);
        }
    }

    private static bool IsIpcSysctl(string name) => name is "kernel.sem" || name.StartsWith("kernel.shm", StringComparison.Ordinal)
        || name.StartsWith("kernel.msg", StringComparison.Ordinal) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal);

    private static bool IsSysctl(string name)
    {
        if (name.Length > 253)
        {
            return false;
        }
        var wasEdge = true; // a segment's first and last character are letters or digits
        foreach (var character in name)
        {
            var isAlphanumeric = char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character);
            var isSeparator = character is '.' or '/';
            if ((!isAlphanumeric && !isSeparator && character is not ('-' or '_')) || (wasEdge && !isAlphanumeric))
            {
                return false;
            }
            wasEdge = isSeparator;
        }
        return !wasEdge && !name.Contains("-.", StringComparison.Ordinal) && !name.Contains("_.", StringComparison.Ordinal)
            && name[^1] is not ('-' or '_') && !name.Contains("-/", StringComparison.Ordinal) && !name.Contains("_/", StringComparison.Ordinal);
    }
}
