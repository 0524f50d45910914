using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What the rules of a pod's parts need to know of the pod.</summary>
/// <param name="Spec">The pod's spec.</param>
/// <param name="PodName">The pod's name; null in a template, where it is not known.</param>
/// <param name="IsPod">Whether it is a pod itself and no template of one.</param>
/// <param name="Errors">Where causes go.</param>
internal sealed record PodValidationContext(PodSpec Spec, string? PodName, bool IsPod, FieldErrors Errors)
{
    /// <summary>The volumes that are right, by name: what mounts may refer to.</summary>
    public Dictionary<string, Volume> Volumes { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the pod runs in the host's user namespace.</summary>
    public bool UsesHostUsers => Spec.HostUsers != false;
}
