using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Changes of what a running pod and its containers may use.</summary>
internal static class PodResize
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    /// <summary>Restores everything but the resources of the pod and of its containers.</summary>
    public static void Prepare(JsonObject item, JsonObject previous)
    {
        var wanted = item.Object("spec");
        item.Restore(previous, "spec");
        if (wanted is null || item.Object("spec") is not { } spec)
        {
            return;
        }
        spec.Restore(wanted, "resources");
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var container in spec.Objects(list))
            {
                var source = wanted.Objects(list).FirstOrDefault(other => other.Text("name") == container.Text("name"));
                if (source is not null)
                {
                    container.Restore(source, "resources");
                    container.Restore(source, "resizePolicy");
                }
            }
        }
    }

    /// <summary>Says which changes are not allowed.</summary>
    public static void Validate(Pod pod, Pod previous, FieldErrors errors)
    {
        PodSpecValidation.Validate(Spec, new PodValidationContext(pod.Spec, pod.Metadata.Name, IsPod: true, errors));
        if (previous.Metadata.Annotations.ContainsKey(PodAnnotationValidation.Mirror))
        {
            errors.Forbidden(FieldPath.Of("[]"), "static pods cannot be resized");
            return;
        }
        if (previous.Spec.Os?.Name == "windows")
        {
            errors.Forbidden(FieldPath.Of("[]"), "windows pods cannot be resized");
            return;
        }
        var qosClass = previous.Status.QosClass ?? PodResources.QosClass(previous.Spec);
        if (qosClass != PodResources.QosClass(pod.Spec))
        {
            errors.Invalid(Spec, qosClass, "Pod QOS Class may not change as a result of resizing");
        }
        Resources(pod.Spec.Resources, previous.Spec.Resources, Spec.Child("resources"), errors);
        Containers(pod.Spec.Containers, previous.Spec.Containers, "containers", errors);
        Containers(pod.Spec.InitContainers, previous.Spec.InitContainers, "initContainers", errors);
    }

    private static void Containers(IReadOnlyList<Container> containers, IReadOnlyList<Container> previous, string list, FieldErrors errors)
    {
        for (var i = 0; i < Math.Min(containers.Count, previous.Count); i++)
        {
            var (now, old) = (containers[i].Resources, previous[i].Resources);
            if (ModelJson.Same(now ?? ResourceRequirements.Empty, old ?? ResourceRequirements.Empty))
            {
                continue;
            }
            if (list == "initContainers" && previous[i].RestartPolicy != "Always")
            {
                errors.Forbidden(Spec, "resources for non-sidecar init containers are immutable");
                continue;
            }
            Resources(now, old, Spec.Child(list).Index(i).Child("resources"), errors);
        }
    }

    private static void Resources(ResourceRequirements? now, ResourceRequirements? old, FieldPath path, FieldErrors errors)
    {
        var (resources, previous) = (now ?? ResourceRequirements.Empty, old ?? ResourceRequirements.Empty);
        if (previous.Requests.Keys.Any(name => !resources.Requests.ContainsKey(name)))
        {
            errors.Forbidden(path.Child("requests"), "resource requests cannot be removed");
        }
        if (previous.Limits.Keys.Any(name => !resources.Limits.ContainsKey(name)))
        {
            errors.Forbidden(path.Child("limits"), "resource limits cannot be removed");
        }
        foreach (var (amounts, before) in new[] { (resources.Limits, previous.Limits), (resources.Requests, previous.Requests) })
        {
            if (amounts.Any(entry => entry.Key is not ("cpu" or "memory") && (!before.TryGetValue(entry.Key, out var was) || was.CompareTo(entry.Value) != 0)))
            {
                errors.Forbidden(Spec, "only cpu and memory resources are mutable");
            }
        }
    }
}
