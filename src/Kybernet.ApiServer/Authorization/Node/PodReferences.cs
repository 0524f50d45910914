using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Authorization.Node;

/// <summary>An object that a pod needs its kubelet to read.</summary>
/// <param name="Resource">As in <c>secrets</c>.</param>
/// <param name="Namespace">Empty for cluster-scoped objects.</param>
/// <param name="Name">The name.</param>
internal readonly record struct Reference(string Resource, string Namespace, string Name);

/// <summary>What a pod refers to.</summary>
internal static class PodReferences
{
    public const string Secrets = "secrets";
    public const string ConfigMaps = "configmaps";
    public const string Claims = "persistentvolumeclaims";
    public const string ServiceAccounts = "serviceaccounts";
    public const string ResourceClaims = "resourceclaims";
    public const string Pods = "pods";

    public static HashSet<Reference> Of(Pod pod)
    {
        var found = new Collector(pod.Metadata.Namespace ?? "");
        found.Add(Pods, pod.Metadata.Name);
        found.Add(ServiceAccounts, pod.Spec.ServiceAccountName);
        foreach (var secret in pod.Spec.ImagePullSecrets)
        {
            found.Add(Secrets, secret.Name);
        }
        foreach (var container in pod.Spec.InitContainers)
        {
            found.Add(container.Env, container.EnvFrom);
        }
        foreach (var container in pod.Spec.Containers)
        {
            found.Add(container.Env, container.EnvFrom);
        }
        foreach (var container in pod.Spec.EphemeralContainers)
        {
            found.Add(container.Env, container.EnvFrom);
        }
        foreach (var volume in pod.Spec.Volumes)
        {
            Add(found, pod, volume);
        }
        foreach (var claim in pod.Spec.ResourceClaims)
        {
            found.Add(ResourceClaims, claim.ResourceClaimName);
        }
        foreach (var claim in pod.Status.ResourceClaimStatuses)
        {
            found.Add(ResourceClaims, claim.ResourceClaimName);
        }
        return found.References;
    }

    private static void Add(Collector found, Pod pod, Volume volume)
    {
        found.Add(Secrets, volume.Secret?.SecretName);
        found.Add(ConfigMaps, volume.ConfigMap?.Name);
        found.Add(Claims, volume.PersistentVolumeClaim?.ClaimName);
        found.Add(Secrets, volume.Csi?.NodePublishSecretRef?.Name);
        if (volume.Ephemeral is not null)
        {
            found.Add(Claims, $"{pod.Metadata.Name}-{volume.Name}");
        }
        foreach (var source in volume.Projected?.Sources ?? [])
        {
            found.Add(Secrets, source.Secret?.Name);
            found.Add(ConfigMaps, source.ConfigMap?.Name);
        }
    }

    private sealed class Collector(string @namespace)
    {
        public HashSet<Reference> References { get; } = [];

        public void Add(string resource, string? name)
        {
            if (!string.IsNullOrEmpty(name))
            {
                References.Add(new Reference(resource, @namespace, name));
            }
        }

        public void Add(IReadOnlyList<EnvVar> variables, IReadOnlyList<EnvFromSource> sources)
        {
            foreach (var variable in variables)
            {
                Add(Secrets, variable.ValueFrom?.SecretKeyRef?.Name);
                Add(ConfigMaps, variable.ValueFrom?.ConfigMapKeyRef?.Name);
            }
            foreach (var source in sources)
            {
                Add(Secrets, source.SecretRef?.Name);
                Add(ConfigMaps, source.ConfigMapRef?.Name);
            }
        }
    }
}
