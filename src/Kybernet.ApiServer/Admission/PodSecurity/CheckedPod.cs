using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Resources.Core.Validation;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>A pod, or the template of pods, as the checks look at it.</summary>
internal sealed class CheckedPod
{
    /// <param name="metadata">The pod's metadata.</param>
    /// <param name="spec">What it runs.</param>
    public CheckedPod(ObjectMeta metadata, PodSpec spec)
    {
        Annotations = metadata.Annotations;
        Spec = spec;
        var containers = new List<Container>();
        PodContainers.Visit(spec, FieldPath.Of("spec"), (container, _) => containers.Add(container));
        Containers = containers;
    }

    /// <summary>The pod's annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>What it runs.</summary>
    public PodSpec Spec { get; }

    /// <summary>Its containers of every sort: init containers first, ephemeral ones last.</summary>
    public IReadOnlyList<Container> Containers { get; }

    /// <summary>Whether it says that it is for Windows, where much of what is asked for does not exist.</summary>
    public bool IsWindows => Spec.Os?.Name == "windows";

    /// <summary>Whether its users are not those of the machine: root inside is nobody outside.</summary>
    public bool HasOwnUsers => Spec.HostUsers == false;

    /// <summary>The names of the containers that something is true of.</summary>
    public List<string> Names(Func<Container, bool> isBad)
    {
        var names = new List<string>();
        foreach (var container in Containers)
        {
            if (isBad(container))
            {
                names.Add(container.Name);
            }
        }
        return names;
    }
}
