using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Pods;

namespace Kybernet.Kubelet.Admission;

/// <summary>Keeps pods that ask to be confined by AppArmor from a machine that has none.</summary>
internal static class AppArmorAdmission
{
    private const string Enabled = "/sys/module/apparmor/parameters/enabled";

    /// <summary>Why a pod may not run here; null where it may.</summary>
    public static StartProblem? FindProblem(Pod pod) => IsRequired(pod) && !IsEnabled()
        ? new StartProblem("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
        : null;

    private static bool IsRequired(Pod pod) => Confines(pod.Spec.SecurityContext?.AppArmorProfile)
        || PodContainers.All(pod).Any(static container => Confines(container.Container.SecurityContext?.AppArmorProfile));

    private static bool Confines(AppArmorProfile? profile) => profile is { Type: not "Unconfined" };

    private static bool IsEnabled() => File.Exists(Enabled) && File.ReadAllText(Enabled).StartsWith('Y');
}
