using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>Pods as a whole.</summary>
internal static class PodValidation
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");
    private static readonly FieldPath Annotations = FieldPath.Of("metadata").Child("annotations");

    /// <summary>Says what is wrong with a new pod.</summary>
    public static void ValidateCreate(Pod pod, FieldErrors errors)
    {
        Validate(pod, errors);
        if (pod.Spec.EphemeralContainers.Count > 0)
        {
            errors.Forbidden(Spec.Child("ephemeralContainers"), "cannot be set on create");
        }
        if (!string.IsNullOrEmpty(pod.Spec.NodeName) && pod.Spec.SchedulingGates.Count > 0)
        {
            errors.Forbidden(Spec.Child("nodeName"), "cannot be set until all schedulingGates have been cleared");
        }
    }

    /// <summary>Says what is wrong with a changed pod.</summary>
    public static void ValidateUpdate(Pod pod, Pod previous, FieldErrors errors)
    {
        Validate(pod, errors);
        PodAnnotationValidation.ValidateUpdate(pod.Metadata, previous.Metadata, pod.Spec, Annotations, errors);
        PodUpdateValidation.Validate(pod, previous, errors);
    }

    /// <summary>Says what is wrong with a pod that has got ephemeral containers.</summary>
    public static void ValidateEphemeralContainers(Pod pod, Pod previous, FieldErrors errors)
    {
        Validate(pod, errors);
        PodUpdateValidation.EphemeralContainers(pod, previous, errors);
    }

    private static void Validate(Pod pod, FieldErrors errors)
    {
        if (pod.Metadata.Annotations.Count > 0)
        {
            PodAnnotationValidation.Validate(pod.Metadata.Annotations, pod.Spec, Annotations, errors);
        }
        PodSpecValidation.Validate(Spec, new PodValidationContext(pod.Spec, pod.Metadata.Name, IsPod: true, errors));
        if (string.IsNullOrEmpty(pod.Spec.ServiceAccountName))
        {
            TokensNeedAccount(pod.Spec, errors);
        }
        for (var i = 0; i < pod.Spec.Containers.Count; i++)
        {
            ContainerValidation.ValidateInPod(pod.Spec.Containers[i].Image, Spec.Child("containers").Index(i), errors);
        }
        for (var i = 0; i < pod.Spec.InitContainers.Count; i++)
        {
            ContainerValidation.ValidateInPod(pod.Spec.InitContainers[i].Image, Spec.Child("initContainers").Index(i), errors);
        }
    }

    private static void TokensNeedAccount(PodSpec spec, FieldErrors errors)
    {
        for (var i = 0; i < spec.Volumes.Count; i++)
        {
            var sources = spec.Volumes[i].Projected?.Sources ?? [];
            for (var j = 0; j < sources.Count; j++)
            {
                if (sources[j].ServiceAccountToken is not null)
                {
                    errors.Forbidden(Spec.Child("volumes").Index(i).Child("projected").Child("sources").Index(j).Child("serviceAccountToken"),
                        "must not be specified when serviceAccountName is not set");
                }
            }
        }
    }
}
