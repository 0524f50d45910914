using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What holds for the operating system that a pod says it is for, and the options of Windows.</summary>
internal static class WindowsValidation
{
    private const string NotForWindows = "cannot be set for a windows pod";
    private const int MaxSpecBytes = 64 * 1024;
    private static readonly string[] Systems = ["linux", "windows"];

    /// <summary>Says what does not fit the operating system that is named.</summary>
    public static void OperatingSystem(FieldPath spec, PodValidationContext pod)
    {
        switch (pod.Spec.Os)
        {
            case null:
                break;
            case { Name: "" }:
                pod.Errors.Required(spec.Child("os").Child("name"), "cannot be empty");
                break;
            case { Name: "linux" }:
                Linux(spec, pod);
                break;
            case { Name: "windows" }:
                Windows(spec, pod);
                break;
            default:
                pod.Errors.NotSupported(spec.Child("os"), pod.Spec.Os.Name, Systems);
                break;
        }
    }

    /// <summary>Says what is wrong with the options of Windows.</summary>
    public static void Options(WindowsSecurityContextOptions? options, FieldPath path, FieldErrors errors)
    {
        if (options is null)
        {
            return;
        }
        if (options.GmsaCredentialSpecName is { } name)
        {
            errors.Invalid(path.Child("gmsaCredentialSpecName"), name, NameRules.Subdomain(name));
        }
        if (options.GmsaCredentialSpec is { } spec)
        {
            if (spec.Length == 0)
            {
                errors.Invalid(path.Child("gmsaCredentialSpec"), spec, "gmsaCredentialSpec cannot be an empty string");
            }
            else if (spec.Length > MaxSpecBytes)
            {
                errors.Invalid(path.Child("gmsaCredentialSpec"), spec, "gmsaCredentialSpec size must be under 64 KiB");
            }
        }
        if (options.RunAsUserName is { } user)
        {
            UserName(user, path.Child("runAsUserName"), errors);
        }
    }

    /// <summary>Says what is wrong where containers run as processes of a Windows host.</summary>
    public static void HostProcess(FieldPath spec, PodValidationContext pod)
    {
        var ofPod = pod.Spec.SecurityContext?.WindowsOptions?.HostProcess;
        var (all, hostProcesses) = (0, 0);
        PodContainers.Visit(pod.Spec, spec, (container, path) =>
        {
            all++;
            var own = container.SecurityContext?.WindowsOptions?.HostProcess;
            if (ofPod is not null && own is not null && ofPod != own)
            {
                pod.Errors.Invalid(path().Child("securityContext").Child("windowsOptions").Child("hostProcess"), own.Value,
                    $"pod hostProcess value must be identical if both are specified, was {(ofPod.Value ? "true" : "false")}");
            }
            hostProcesses += (own ?? ofPod) == true ? 1 : 0;
        });
        if (hostProcesses == 0)
        {
            return;
        }
        if (hostProcesses != all)
        {
            pod.Errors.Invalid(spec, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
        }
        if (pod.Spec.HostNetwork != true)
        {
            pod.Errors.Invalid(spec.Child("hostNetwork"), false, "hostNetwork must be true if pod contains any hostProcess containers");
        }
    }

    private static void UserName(string value, FieldPath path, FieldErrors errors)
    {
        var backslash = value.IndexOf('\\');
        var user = value[(backslash + 1)..];
        var domain = backslash < 0 ? "" : value[..backslash];
        var problem = value switch
        {
            "" => "runAsUserName cannot be an empty string",
            _ when value.Any(char.IsControl) => "runAsUserName cannot contain control characters",
            _ when user.Contains('\\') => "runAsUserName cannot contain more than one backslash",
            _ => null,
        };
        if (problem is not null)
        {
            errors.Invalid(path, value, problem);
            return;
        }
        if (domain.Length >= 256)
        {
            errors.Invalid(path, value, "runAsUserName's Domain length must be under 256 characters");
        }
        if (backslash >= 0 && !IsNetBios(domain) && !NameRules.IsSubdomain(domain.ToLowerInvariant(), underscores: false))
        {
            errors.Invalid(path, value, "runAsUserName's Domain doesn't match the NetBios nor the DNS format");
        }
        if (user.Length == 0)
        {
            errors.Invalid(path, value, "runAsUserName's User cannot be empty");
        }
        else if (user.Length > 104)
        {
            errors.Invalid(path, value, "runAsUserName's User length must not be longer than 104 characters");
        }
        if (user.Length > 0 && user.AsSpan().TrimStart(". ").IsEmpty)
        {
            errors.Invalid(path, value, "runAsUserName's User cannot contain only periods or spaces");
        }
        if (user.AsSpan().ContainsAny("\"/\\:;|=,+*?<>@[]"))
        {
            errors.Invalid(path, value, "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
        }
    }

    private static bool IsNetBios(string domain) =>
        domain.Length is > 0 and <= 15 && domain[0] != '.' && !domain.AsSpan().ContainsAny("\\/:*?\"<>|");

    private static void Linux(FieldPath spec, PodValidationContext pod)
    {
        const string NotForLinux = "windows options cannot be set for a linux pod";
        if (pod.Spec.SecurityContext?.WindowsOptions is not null)
        {
            pod.Errors.Forbidden(spec.Child("securityContext").Child("windowsOptions"), NotForLinux);
        }
        PodContainers.Visit(pod.Spec, spec, (container, path) =>
        {
            if (container.SecurityContext?.WindowsOptions is not null)
            {
                pod.Errors.Forbidden(path().Child("securityContext").Child("windowsOptions"), NotForLinux);
            }
        });
    }

    private static void Windows(FieldPath spec, PodValidationContext pod)
    {
        var errors = pod.Errors;
        Absent(spec, "hostUsers", pod.Spec.HostUsers is not null, errors);
        Absent(spec, "hostPID", pod.Spec.HostPID == true, errors);
        Absent(spec, "hostIPC", pod.Spec.HostIPC == true, errors);
        Absent(spec, "shareProcessNamespace", pod.Spec.ShareProcessNamespace is not null, errors);
        if (pod.Spec.SecurityContext is { } context)
        {
            var path = spec.Child("securityContext");
            Absent(path, "appArmorProfile", context.AppArmorProfile is not null, errors);
            Absent(path, "seLinuxOptions", context.SeLinuxOptions is not null, errors);
            Absent(path, "seccompProfile", context.SeccompProfile is not null, errors);
            Absent(path, "fsGroup", context.FsGroup is not null, errors);
            Absent(path, "fsGroupChangePolicy", context.FsGroupChangePolicy is not null, errors);
            Absent(path, "sysctls", context.Sysctls.Count > 0, errors);
            Absent(path, "runAsUser", context.RunAsUser is not null, errors);
            Absent(path, "runAsGroup", context.RunAsGroup is not null, errors);
            Absent(path, "supplementalGroups", context.SupplementalGroups.Count > 0, errors);
            Absent(path, "supplementalGroupsPolicy", context.SupplementalGroupsPolicy is not null, errors);
            Absent(path, "seLinuxChangePolicy", context.SeLinuxChangePolicy is not null, errors);
        }
        PodContainers.Visit(pod.Spec, spec, (container, path) =>
        {
            if (container.SecurityContext is { } own)
            {
                WindowsContainer(own, path().Child("securityContext"), errors);
            }
        });
    }

    private static void WindowsContainer(SecurityContext context, FieldPath path, FieldErrors errors)
    {
        Absent(path, "appArmorProfile", context.AppArmorProfile is not null, errors);
        Absent(path, "seLinuxOptions", context.SeLinuxOptions is not null, errors);
        Absent(path, "seccompProfile", context.SeccompProfile is not null, errors);
        Absent(path, "capabilities", context.Capabilities is not null, errors);
        Absent(path, "readOnlyRootFilesystem", context.ReadOnlyRootFilesystem is not null, errors);
        Absent(path, "privileged", context.Privileged is not null, errors);
        Absent(path, "allowPrivilegeEscalation", context.AllowPrivilegeEscalation is not null, errors);
        Absent(path, "procMount", context.ProcMount is not null, errors);
        Absent(path, "runAsUser", context.RunAsUser is not null, errors);
        Absent(path, "runAsGroup", context.RunAsGroup is not null, errors);
    }

    private static void Absent(FieldPath path, string field, bool isThere, FieldErrors errors)
    {
        if (isThere)
        {
            errors.Forbidden(path.Child(field), NotForWindows);
        }
    }
}
