using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Admission.PodSecurity.Checks;

/// <summary>What a pod may mount.</summary>
internal static class Volumes
{
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
    };

    /// <summary>Nothing of the machine.</summary>
    public static CheckFailure? NoHostPath(CheckedPod pod)
    {
        var names = pod.Spec.Volumes.Where(static volume => volume.HostPath is not null).Select(static volume => volume.Name).ToArray();
        return names.Length == 0 ? null : new CheckFailure("hostPath volumes", NamesOf(names));
    }

    /// <summary>Nothing that a pod's maker says how to reach.</summary>
    public static CheckFailure? OnlyHarmless(CheckedPod pod)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        var names = new List<string>();
        foreach (var volume in pod.Spec.Volumes)
        {
            var type = TypeOf(volume);
            if (!Harmless.Contains(type))
            {
                types.Add(type);
                names.Add(volume.Name);
            }
        }
        return names.Count == 0 ? null : new CheckFailure(
            "restricted volume types",
            $"{NamesOf(names)} {CheckText.Number(names.Count, "uses", "use")} {CheckText.Number(types.Count, "restricted volume type", "restricted volume types")} {CheckText.Quoted(types)}");
    }

    // A volume's type is the name of the one field that it has beside its name.
    private static string TypeOf(Volume volume) =>
        ModelJson.ToTree(volume).Select(static field => field.Key).FirstOrDefault(static name => name != "name", "unknown");

    private static string NamesOf(IReadOnlyCollection<string> names) => $"{CheckText.Number(names.Count, "volume", "volumes")} {CheckText.Quoted(names)}";
}
