using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;

namespace Kybernet.Scheduler.Model;

/// <summary>A claim that a pod uses.</summary>
/// <param name="Name">Its name, in the pod's namespace.</param>
/// <param name="IsEphemeral">Whether it is made for the pod, and goes with it.</param>
internal readonly record struct ClaimUse(string Name, bool IsEphemeral)
{
    public static ClaimUse[] Of(Pod pod)
    {
        List<ClaimUse>? uses = null;
        foreach (var volume in pod.Spec.Volumes)
        {
            if (PodClaims.NameOf(pod, volume) is { } name)
            {
                (uses ??= []).Add(new ClaimUse(name, volume.Ephemeral is not null));
            }
        }
        return uses is null ? [] : [.. uses];
    }
}
