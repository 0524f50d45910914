using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>What is accepted in pods and templates, though it hardly does what its author meant.</summary>
internal static class PodWarnings
{
    /// <summary>The warnings of a pod, or of a template below a path that ends in a dot.</summary>
    public static IEnumerable<string> Of(ObjectMeta metadata, PodSpec spec, string at)
    {
        var warnings = new List<string>();
        foreach (var key in spec.NodeSelector.Keys)
        {
            if (NodeLabels.Advice(key) is { } advice)
            {
                warnings.Add($"{at}spec.nodeSelector[{key}]: {advice}");
            }
        }
        Affinity(spec.Affinity?.NodeAffinity, $"{at}spec.affinity.nodeAffinity", warnings);
        for (var i = 0; i < spec.TopologySpreadConstraints.Count; i++)
        {
            warnings.AddRange(NodeLabels.Warnings(spec.TopologySpreadConstraints[i].TopologyKey, $"{at}spec.topologySpreadConstraints[{i}].topologyKey"));
            if (spec.TopologySpreadConstraints[i].LabelSelector is null)
            {
                warnings.Add($"{at}spec.topologySpreadConstraints[{i}].labelSelector: a null labelSelector results in matching no pod");
            }
        }
        Annotations(metadata, at, warnings);
        Duplicates(spec.HostAliases, alias => alias.Ip, $"{at}spec.hostAliases", "ip", warnings);
        Duplicates(spec.ImagePullSecrets, secret => secret.Name ?? "", $"{at}spec.imagePullSecrets", "name", warnings);
        for (var i = 0; i < spec.ImagePullSecrets.Count; i++)
        {
            if (string.IsNullOrEmpty(spec.ImagePullSecrets[i].Name))
            {
                warnings.Add($"{at}spec.imagePullSecrets[{i}].name: invalid empty name \"\"");
            }
        }
        Volumes(spec.Volumes, at, warnings);
        Containers(spec.InitContainers, $"{at}spec.initContainers", warnings);
        Containers(spec.Containers, $"{at}spec.containers", warnings);
        if (spec.TerminationGracePeriodSeconds < 0)
        {
            warnings.Add($"{at}spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1");
        }
        return warnings;
    }

    private static void Affinity(NodeAffinity? affinity, string at, List<string> warnings)
    {
        var required = affinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [];
        for (var i = 0; i < required.Count; i++)
        {
            warnings.AddRange(NodeLabels.Warnings(required[i], $"{at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[{i}]"));
        }
        var preferred = affinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [];
        for (var i = 0; i < preferred.Count; i++)
        {
            warnings.AddRange(NodeLabels.Warnings(preferred[i].Preference, $"{at}.preferredDuringSchedulingIgnoredDuringExecution[{i}].preference"));
        }
    }

    private static void Annotations(ObjectMeta metadata, string at, List<string> warnings)
    {
        foreach (var key in metadata.Annotations.Keys)
        {
            var advice = key switch
            {
                "scheduler.alpha.kubernetes.io/critical-pod" => "non-functional in v1.16+; use the \"priorityClassName\" field instead",
                "security.alpha.kubernetes.io/sysctls" or "security.alpha.kubernetes.io/unsafe-sysctls" =>
                    "non-functional in v1.11+; use the \"sysctls\" field instead",
                _ when key.StartsWith("container.apparmor.security.beta.kubernetes.io/", StringComparison.Ordinal) =>
                    "deprecated since v1.30; use the \"appArmorProfile\" field instead",
                _ when key == "seccomp.security.alpha.kubernetes.io/pod"
                    || key.StartsWith("container.seccomp.security.alpha.kubernetes.io/", StringComparison.Ordinal) =>
                    "non-functional in v1.27+; use the \"seccompProfile\" field instead",
                _ => null,
            };
            if (advice is not null)
            {
                warnings.Add($"{at}metadata.annotations[{key}]: {advice}");
            }
        }
    }

    private static void Volumes(IReadOnlyList<Volume> volumes, string at, List<string> warnings)
    {
        for (var i = 0; i < volumes.Count; i++)
        {
            var warning = volumes[i] switch
            {
                { GitRepo: not null } => "gitRepo: deprecated in v1.11, and disabled by default in v1.33+",
                { ScaleIO: not null } => "scaleIO: deprecated in v1.16, non-functional in v1.22+",
                { Flocker: not null } => "flocker: deprecated in v1.22, non-functional in v1.25+",
                { Storageos: not null } => "storageOS: deprecated in v1.22, non-functional in v1.25+",
                { Quobyte: not null } => "quobyte: deprecated in v1.22, non-functional in v1.25+",
                { Glusterfs: not null } => "glusterfs: deprecated in v1.25, non-functional in v1.26+",
                { Cephfs: not null } => "cephfs: deprecated in v1.28, non-functional in v1.31+",
                { Rbd: not null } => "rbd: deprecated in v1.28, non-functional in v1.31+",
                { PhotonPersistentDisk: not null } => "photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+",
                _ => null,
            };
            if (warning is not null)
            {
                warnings.Add($"{at}spec.volumes[{i}].{warning}");
            }
        }
    }

    private static void Containers(IReadOnlyList<Container> containers, string at, List<string> warnings)
    {
        for (var i = 0; i < containers.Count; i++)
        {
            var path = $"{at}[{i}]";
            Variables(containers[i].Env, path, warnings);
            Fractions(containers[i].Resources?.Limits, $"{path}.resources.limits", warnings);
            Fractions(containers[i].Resources?.Requests, $"{path}.resources.requests", warnings);
            Ports(containers[i].Ports, path, warnings);
        }
    }

    private static void Variables(IReadOnlyList<EnvVar> variables, string at, List<string> warnings)
    {
        if (variables.Count < 2)
        {
            return;
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < variables.Count; i++)
        {
            var variable = variables[i];
            // A second definition that builds on the first is meant; one that does not loses it.
            if (!names.Add(variable.Name)
                && (variable.ValueFrom is not null || variable.Value?.Contains($"$({variable.Name})", StringComparison.Ordinal) != true))
            {
                warnings.Add($"{at}.env[{i}]: hides previous definition of \"{variable.Name}\", which may be dropped when using apply");
            }
        }
    }

    private static void Fractions(IReadOnlyDictionary<string, Quantity>? quantities, string at, List<string> warnings)
    {
        foreach (var name in quantities is null ? [] : new[] { "memory", "ephemeral-storage" })
        {
            if (quantities!.TryGetValue(name, out var quantity) && quantity.MilliValue % 1000 != 0)
            {
                warnings.Add($"{at}[{name}]: fractional byte value \"{quantity}\" is invalid, must be an integer");
            }
        }
    }

    private static void Ports(IReadOnlyList<ContainerPort> ports, string at, List<string> warnings)
    {
        for (var i = 1; i < ports.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (ports[i].ContainerPortValue == ports[j].ContainerPortValue && ports[i].Protocol == ports[j].Protocol
                    && ports[i].HostIP == ports[j].HostIP && ports[i].HostPort == ports[j].HostPort)
                {
                    warnings.Add($"{at}.ports[{i}]: duplicate port definition with {at}.ports[{j}]");
                    break;
                }
            }
        }
    }

    private static void Duplicates<T>(IReadOnlyList<T> items, Func<T, string> key, string at, string field, List<string> warnings)
    {
        if (items.Count < 2)
        {
            return;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            if (!seen.Add(key(items[i])))
            {
                warnings.Add($"{at}[{i}].{field}: duplicate {field} \"{key(items[i])}\"");
            }
        }
    }
}
