using System.Globalization;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.StatefulSets;

/// <summary>Who a StatefulSet's pods are: each ordinal has one name, one host name and one set of claims, whichever revision it is of.</summary>
internal static class StatefulPods
{
    public static int Start(this StatefulSet set) => set.Spec.Ordinals?.Start ?? 0;

    public static int Wanted(this StatefulSet set) => set.Spec.Replicas ?? 1;

    public static string NameOf(StatefulSet set, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{set.Metadata.Name}-{ordinal}");

    /// <summary>The ordinal in a pod's name; null where it is not a name of this set's pods.</summary>
    public static int? OrdinalIn(StatefulSet set, string? name)
    {
        var prefix = set.Metadata.Name!.Length;
        return name is not null && name.Length > prefix + 1 && name[prefix] == '-' && name.StartsWith(set.Metadata.Name, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(prefix + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : null;
    }

    public static string? RevisionOf(Pod pod) => pod.Metadata.Labels.GetValueOrDefault(StatefulSetNames.PodRevision);

    /// <summary>Whether the server has it.</summary>
    public static bool IsCreated(this Pod pod) => pod.Metadata.Uid is not null;

    public static bool IsRunningAndReady(this Pod pod) => pod.Status.Phase == PodStatuses.Running && pod.IsReady();

    /// <summary>The pod of an ordinal, of a template.</summary>
    public static Pod Describe(StatefulSet set, PodTemplateSpec template, string revision, int ordinal)
    {
        var pod = PodControl.FromTemplate(template, set);
        pod = pod with { Metadata = pod.Metadata with { GenerateName = null, Name = NameOf(set, ordinal) } };
        pod = WithIdentity(pod, ordinal);
        var labels = new Dictionary<string, string>(pod.Metadata.Labels, StringComparer.Ordinal) { [StatefulSetNames.PodRevision] = revision };
        return pod with
        {
            Metadata = pod.Metadata with { Labels = labels },
            Spec = pod.Spec with { Hostname = pod.Metadata.Name, Subdomain = set.Spec.ServiceName, Volumes = Volumes(set, pod.Spec.Volumes, ordinal) },
        };
    }

    public static bool HasIdentity(Pod pod, int ordinal) =>
        pod.Metadata.Labels.GetValueOrDefault(StatefulSetNames.PodName) == pod.Metadata.Name
        && pod.Metadata.Labels.GetValueOrDefault(StatefulSetNames.PodIndex) == ordinal.ToString(CultureInfo.InvariantCulture);

    public static Pod WithIdentity(Pod pod, int ordinal)
    {
        var labels = new Dictionary<string, string>(pod.Metadata.Labels, StringComparer.Ordinal)
        {
            [StatefulSetNames.PodName] = pod.Metadata.Name!,
            [StatefulSetNames.PodIndex] = ordinal.ToString(CultureInfo.InvariantCulture),
        };
        return pod with { Metadata = pod.Metadata with { Labels = labels } };
    }

    /// <summary>A claim's volume takes the place of one of the same name in the template.</summary>
    private static IReadOnlyList<Volume> Volumes(StatefulSet set, IReadOnlyList<Volume> volumes, int ordinal)
    {
        if (set.Spec.VolumeClaimTemplates.Count == 0)
        {
            return volumes;
        }
        var claimed = set.Spec.VolumeClaimTemplates.Select(template => new Volume
        {
            Name = template.Metadata.Name!,
            PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = StatefulClaims.NameOf(set, template, ordinal) },
        });
        return [.. claimed, .. volumes.Where(volume => set.Spec.VolumeClaimTemplates.All(template => template.Metadata.Name != volume.Name))];
    }
}
