using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>A pod's lists of containers: names of their own across all lists, and what only one sort of container may have.</summary>
internal static class ContainerListValidation
{
    private const string NotForInit = "may not be set for init containers without restartPolicy=Always";
    private const string NotForEphemeral = "cannot be set for an Ephemeral Container";

    /// <summary>Says what is wrong with the containers that make up the pod.</summary>
    public static void Containers(FieldPath spec, PodValidationContext pod)
    {
        var containers = pod.Spec.Containers;
        var list = spec.Child("containers");
        if (containers.Count == 0)
        {
            pod.Errors.Required(list);
            return;
        }
        var names = new HashSet<string>(containers.Count, StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            var path = list.Index(i);
            ContainerValidation.Validate(containers[i], path, pod);
            if (!names.Add(containers[i].Name))
            {
                pod.Errors.Duplicate(path.Child("name"), containers[i].Name);
            }
            ProbeValidation.Validate(containers[i], path, pod);
            ContainerValidation.Restarts(containers[i], path, pod.Errors);
        }
        HostPorts(containers, list, pod.Errors);
    }

    /// <summary>Says what is wrong with the containers that run before, or beside from the start.</summary>
    public static void InitContainers(FieldPath spec, PodValidationContext pod)
    {
        var containers = pod.Spec.InitContainers;
        if (containers.Count == 0)
        {
            return;
        }
        var list = spec.Child("initContainers");
        var names = NamesOf(pod.Spec.Containers);
        for (var i = 0; i < containers.Count; i++)
        {
            var container = containers[i];
            var path = list.Index(i);
            ContainerValidation.Validate(container, path, pod);
            ContainerValidation.Restarts(container, path, pod.Errors);
            if (!names.Add(container.Name) && container.Name.Length > 0)
            {
                pod.Errors.Duplicate(path.Child("name"), container.Name);
            }
            // They run one by one, so each may have a port that another has too.
            ContainerValidation.HostPorts(container, new(StringComparer.Ordinal), list.Index(0), pod.Errors);
            if (container.RestartPolicy == "Always")
            {
                ProbeValidation.Validate(container, path, pod);
                continue;
            }
            Absent(container.Lifecycle, path, "lifecycle", NotForInit, pod.Errors);
            Absent(container.LivenessProbe, path, "livenessProbe", NotForInit, pod.Errors);
            Absent(container.ReadinessProbe, path, "readinessProbe", NotForInit, pod.Errors);
            Absent(container.StartupProbe, path, "startupProbe", NotForInit, pod.Errors);
        }
    }

    /// <summary>Says what is wrong with the containers that were put in to look around.</summary>
    public static void EphemeralContainers(FieldPath spec, PodValidationContext pod)
    {
        var containers = pod.Spec.EphemeralContainers;
        if (containers.Count == 0)
        {
            return;
        }
        var others = NamesOf(pod.Spec.Containers);
        others.UnionWith(NamesOf(pod.Spec.InitContainers));
        var names = new HashSet<string>(others, StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            var path = spec.Child("ephemeralContainers").Index(i);
            var common = PodContainers.AsContainer(containers[i]);
            ContainerValidation.Validate(common, path, pod);
            ContainerValidation.ValidateInPod(common.Image, path, pod.Errors);
            if (!names.Add(common.Name))
            {
                pod.Errors.Duplicate(path.Child("name"), common.Name);
            }
            if (containers[i].TargetContainerName is { Length: > 0 } target && !others.Contains(target))
            {
                pod.Errors.NotFound(path.Child("targetContainerName"), target);
            }
            OnlyForOthers(common, path, pod.Errors);
        }
    }

    private static void OnlyForOthers(Container container, FieldPath path, FieldErrors errors)
    {
        Absent(container.Ports.Count > 0 ? container : null, path, "ports", NotForEphemeral, errors);
        var resources = container.Resources is null || ReferenceEquals(container.Resources, ResourceRequirements.Empty)
            || container.Resources is { Claims.Count: 0, Limits.Count: 0, Requests.Count: 0 } ? null : container.Resources;
        Absent(resources, path, "resources", NotForEphemeral, errors);
        Absent(container.ResizePolicy.Count > 0 ? container : null, path, "resizePolicy", NotForEphemeral, errors);
        Absent(container.RestartPolicy, path, "restartPolicy", NotForEphemeral, errors);
        Absent(container.LivenessProbe, path, "livenessProbe", NotForEphemeral, errors);
        Absent(container.ReadinessProbe, path, "readinessProbe", NotForEphemeral, errors);
        Absent(container.StartupProbe, path, "startupProbe", NotForEphemeral, errors);
        Absent(container.Lifecycle, path, "lifecycle", NotForEphemeral, errors);
        for (var i = 0; i < container.VolumeMounts.Count; i++)
        {
            var mount = container.VolumeMounts[i];
            if (!string.IsNullOrEmpty(mount.SubPath))
            {
                errors.Forbidden(path.Child("volumeMounts").Index(i).Child("subPath"), NotForEphemeral);
            }
            if (!string.IsNullOrEmpty(mount.SubPathExpr))
            {
                errors.Forbidden(path.Child("volumeMounts").Index(i).Child("subPathExpr"), NotForEphemeral);
            }
        }
    }

    private static void Absent(object? value, FieldPath path, string field, string reason, FieldErrors errors)
    {
        if (value is not null)
        {
            errors.Forbidden(path.Child(field), reason);
        }
    }

    private static HashSet<string> NamesOf(IReadOnlyList<Container> containers)
    {
        var names = new HashSet<string>(containers.Count, StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            names.Add(containers[i].Name);
        }
        return names;
    }

    private static void HostPorts(IReadOnlyList<Container> containers, FieldPath list, FieldErrors errors)
    {
        HashSet<string>? taken = null;
        for (var i = 0; i < containers.Count; i++)
        {
            if (containers[i].Ports.Count > 0)
            {
                ContainerValidation.HostPorts(containers[i], taken ??= new(StringComparer.Ordinal), list.Index(i), errors);
            }
        }
    }
}
