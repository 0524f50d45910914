using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Objects;

/// <summary>Goes through the ConfigMaps and Secrets that a pod names.</summary>
internal static class PodReferences
{
    /// <summary>The names of the ConfigMaps.</summary>
    public static IEnumerable<string> ConfigMaps(Pod pod)
    {
        var volumes = pod.Spec.Volumes.Select(static volume => volume.ConfigMap?.Name)
            .Concat(pod.Spec.Volumes.SelectMany(static volume => volume.Projected?.Sources ?? []).Select(static source => source.ConfigMap?.Name));
        var environment = PodContainers.All(pod).SelectMany(static container =>
            container.Container.EnvFrom.Select(static from => from.ConfigMapRef?.Name)
                .Concat(container.Container.Env.Select(static variable => variable.ValueFrom?.ConfigMapKeyRef?.Name)));
        return Named(volumes.Concat(environment));
    }

    /// <summary>The names of the Secrets.</summary>
    public static IEnumerable<string> Secrets(Pod pod)
    {
        var volumes = pod.Spec.Volumes.SelectMany(static volume => (string?[])[volume.Secret?.SecretName, volume.Csi?.NodePublishSecretRef?.Name])
            .Concat(pod.Spec.Volumes.SelectMany(static volume => volume.Projected?.Sources ?? []).Select(static source => source.Secret?.Name));
        var environment = PodContainers.All(pod).SelectMany(static container =>
            container.Container.EnvFrom.Select(static from => from.SecretRef?.Name)
                .Concat(container.Container.Env.Select(static variable => variable.ValueFrom?.SecretKeyRef?.Name)));
        return Named(volumes.Concat(environment).Concat(pod.Spec.ImagePullSecrets.Select(static secret => secret.Name)));
    }

    private static IEnumerable<string> Named(IEnumerable<string?> names) => names.Where(static name => name is { Length: > 0 }).Select(static name => name!).Distinct(StringComparer.Ordinal);
}
