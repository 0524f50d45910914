using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>Whether a change of a pod can matter: of what is looked at, only images change, and containers are added for debugging.</summary>
internal static class SignificantUpdate
{
    private const string SeccompPrefix = "container.seccomp.security.alpha.kubernetes.io/";

    /// <summary>Whether it can.</summary>
    public static bool Is(Pod pod, Pod previous) =>
        AreDifferent(pod.Spec.Containers, previous.Spec.Containers, pod, previous)
        || AreDifferent(pod.Spec.InitContainers, previous.Spec.InitContainers, pod, previous)
        || pod.Spec.EphemeralContainers.Any(container =>
            previous.Spec.EphemeralContainers.FirstOrDefault(other => other.Name == container.Name) is not { } old
            || IsDifferent(PodContainers.AsContainer(container), PodContainers.AsContainer(old), pod, previous));

    private static bool AreDifferent(IReadOnlyList<Container> containers, IReadOnlyList<Container> old, Pod pod, Pod previous)
    {
        if (containers.Count != old.Count)
        {
            return true;
        }
        for (var i = 0; i < containers.Count; i++)
        {
            if (IsDifferent(containers[i], old[i], pod, previous))
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsDifferent(Container container, Container old, Pod pod, Pod previous) =>
        container.Image != old.Image
        || pod.Metadata.Annotations.GetValueOrDefault(SeccompPrefix + container.Name) != previous.Metadata.Annotations.GetValueOrDefault(SeccompPrefix + container.Name);
}
