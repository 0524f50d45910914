using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Resources;

namespace Kybernet.Kubelet.Volumes;

/// <summary>A volume of a pod that is to be made ready.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Volume">The volume as the pod has it.</param>
/// <param name="Addresses">The pod's and its host's addresses.</param>
/// <param name="Node">What the node has.</param>
internal sealed record VolumeRequest(Pod Pod, Volume Volume, PodAddresses Addresses, NodeResources Node)
{
    /// <summary>The PersistentVolume that the volume's claim is bound to; null for volumes that the pod describes itself.</summary>
    public PersistentVolume? PersistentVolume { get; init; }

    public string PodUid => Pod.Metadata.Uid ?? "";

    /// <summary>What the folder of the volume is called: a PersistentVolume has its own name.</summary>
    public string FolderName => PersistentVolume?.Metadata.Name ?? Volume.Name;

    /// <summary>The group that the volume's files belong to; null where the pod has no wish.</summary>
    public long? Group => Pod.Spec.SecurityContext?.FsGroup;
}
