using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>The few things of a pod that may change once it is there.</summary>
internal static class PodUpdateValidation
{
    private const string Updatable =
        "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`," +
        "`spec.tolerations` (only additions to existing tolerations)," +
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    private static readonly FieldPath Spec = FieldPath.Of("spec");

    /// <summary>Says which changes are not allowed. The new pod by itself is validated elsewhere.</summary>
    public static void Validate(Pod pod, Pod previous, FieldErrors errors)
    {
        if (!Images(pod.Spec.Containers, previous.Spec.Containers, Spec.Child("containers"), errors)
            || !Images(pod.Spec.InitContainers, previous.Spec.InitContainers, Spec.Child("initContainers"), errors)
            || !Deadline(pod.Spec.ActiveDeadlineSeconds, previous.Spec.ActiveDeadlineSeconds, errors))
        {
            return;
        }
        Tolerations(pod.Spec.Tolerations, previous.Spec.Tolerations, errors);
        Gates(pod.Spec.SchedulingGates, previous.Spec.SchedulingGates, errors);
        if (ModelJson.Same(pod.Spec, previous.Spec))
        {
            return;
        }
        var restored = Restore(pod.Spec, previous.Spec, errors);
        if (!ModelJson.Same(restored, previous.Spec))
        {
            errors.Forbidden(Spec, $"pod updates may not change fields other than {Updatable}\n{ModelDiff.Text("PodSpec", previous.Spec, restored)}");
        }
    }

    /// <summary>Says which changes of the ephemeral containers are not allowed: none of those that are there.</summary>
    public static void EphemeralContainers(Pod pod, Pod previous, FieldErrors errors)
    {
        if (previous.Metadata.Annotations.ContainsKey(PodAnnotationValidation.Mirror))
        {
            errors.Forbidden(FieldPath.Of("[]"), "static pods do not support ephemeral containers");
            return;
        }
        foreach (var old in previous.Spec.EphemeralContainers)
        {
            var current = pod.Spec.EphemeralContainers.FirstOrDefault(container => container.Name == old.Name);
            if (current is null)
            {
                errors.Forbidden(Spec.Child("ephemeralContainers"), $"existing ephemeral containers \"{old.Name}\" may not be removed\n");
            }
            else if (!ModelJson.Same(current, old))
            {
                errors.Forbidden(Spec.Child("ephemeralContainers"),
                    $"existing ephemeral containers \"{old.Name}\" may not be changed\n{ModelDiff.Text("EphemeralContainer", old, current)}");
            }
        }
    }

    private static bool Images(IReadOnlyList<Container> containers, IReadOnlyList<Container> previous, FieldPath path, FieldErrors errors)
    {
        if (containers.Count != previous.Count)
        {
            errors.Forbidden(path, "pod updates may not add or remove containers");
            return false;
        }
        for (var i = 0; i < containers.Count; i++)
        {
            errors.Needs(containers[i].Image, path.Index(i), "image");
            ContainerValidation.ValidateInPod(containers[i].Image, path.Index(i), errors);
        }
        return true;
    }

    private static bool Deadline(long? seconds, long? previous, FieldErrors errors)
    {
        var path = Spec.Child("activeDeadlineSeconds");
        if (seconds is < 0 or > int.MaxValue)
        {
            errors.Invalid(path, seconds, "must be between 0 and 2147483647, inclusive");
            return false;
        }
        if (seconds > previous)
        {
            errors.Invalid(path, seconds, "must be less than or equal to previous value");
            return false;
        }
        if (seconds is null && previous is not null)
        {
            errors.Invalid(path, null, "must not update from a positive integer to nil value");
        }
        return true;
    }

    private static void Tolerations(IReadOnlyList<Toleration> tolerations, IReadOnlyList<Toleration> previous, FieldErrors errors)
    {
        foreach (var old in previous)
        {
            if (!tolerations.Any(now => now.Key == old.Key && now.Operator == old.Operator && now.Value == old.Value && now.Effect == old.Effect))
            {
                errors.Forbidden(Spec.Child("tolerations"), "existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
    }

    private static void Gates(IReadOnlyList<PodSchedulingGate> gates, IReadOnlyList<PodSchedulingGate> previous, FieldErrors errors)
    {
        for (var i = 0; i < gates.Count; i++)
        {
            if (!previous.Any(old => old.Name == gates[i].Name))
            {
                errors.Forbidden(Spec.Child("schedulingGates").Index(i).Child("name"),
                    $"only deletion is allowed, but found new scheduling gate '{gates[i].Name}'");
            }
        }
    }

    /// <summary>The new spec with everything put back that may change: what is different then may not.</summary>
    private static PodSpec Restore(PodSpec spec, PodSpec previous, FieldErrors errors)
    {
        var mayShorten = previous.TerminationGracePeriodSeconds < 0 && spec.TerminationGracePeriodSeconds == 1;
        var restored = spec with
        {
            Containers = WithImages(spec.Containers, previous.Containers),
            InitContainers = WithImages(spec.InitContainers, previous.InitContainers),
            ActiveDeadlineSeconds = previous.ActiveDeadlineSeconds,
            SchedulingGates = previous.SchedulingGates,
            Tolerations = previous.Tolerations,
            TerminationGracePeriodSeconds = mayShorten ? previous.TerminationGracePeriodSeconds : spec.TerminationGracePeriodSeconds,
        };
        return previous.SchedulingGates.Count == 0 ? restored : PodGateValidation.Restore(restored, previous, Spec, errors);
    }

    private static Container[] WithImages(IReadOnlyList<Container> containers, IReadOnlyList<Container> previous)
    {
        var restored = new Container[containers.Count];
        for (var i = 0; i < restored.Length; i++)
        {
            restored[i] = containers[i] with { Image = previous[i].Image };
        }
        return restored;
    }
}
