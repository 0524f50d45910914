using Kybernet.Api.Core.V1;

namespace Kybernet.Api.Storage;

/// <summary>Which claims a pod's volumes are by.</summary>
public static class PodClaims
{
    /// <summary>The name of the claim behind a volume; null where there is none.</summary>
    public static string? NameOf(Pod pod, Volume volume) =>
        volume.PersistentVolumeClaim?.ClaimName ?? (volume.Ephemeral is not null ? $"{pod.Metadata.Name}-{volume.Name}" : null);

    /// <summary>The names of all claims that a pod uses.</summary>
    public static IEnumerable<string> NamesOf(Pod pod)
    {
        foreach (var volume in pod.Spec.Volumes)
        {
            if (NameOf(pod, volume) is { } name)
            {
                yield return name;
            }
        }
    }
}
