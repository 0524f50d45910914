using System.Security.Cryptography;
using System.Text;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Volumes.Csi;

/// <summary>A volume of a storage driver as a pod has it: described by the pod itself, or by the PersistentVolume that its claim is bound to.</summary>
internal sealed record CsiVolume
{
    public required string Driver { get; init; }

    /// <summary>By what the driver knows it.</summary>
    public required string Handle { get; init; }

    /// <summary>Whether it begins and ends with its pod.</summary>
    public required bool IsEphemeral { get; init; }

    public string FsType { get; init; } = "";

    public bool IsReadOnly { get; init; }

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>The pod's wish among the volume's modes; null where it has none.</summary>
    public IReadOnlyList<string> AccessModes { get; init; } = [];

    public IReadOnlyList<string> MountOptions { get; init; } = [];

    public SecretReference? StageSecret { get; init; }

    public SecretReference? PublishSecret { get; init; }

    /// <summary>What of a pod's volume concerns storage drivers; null where nothing does.</summary>
    public static CsiVolume? Of(VolumeRequest request) =>
        request.PersistentVolume is { Spec.Csi: { } persistent } volume ? Of(request, volume, persistent)
        : request.Volume.Csi is { } inline ? Of(request, inline)
        : null;

    /// <summary>The name of the VolumeAttachment of a volume and a node.</summary>
    public static string AttachmentName(string handle, string driver, string node) => $"csi-{Hash(handle + driver + node)}";

    /// <summary>Text that stands for another of any length and alphabet.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static CsiVolume Of(VolumeRequest request, PersistentVolume volume, CSIPersistentVolumeSource source) => new()
    {
        Driver = source.Driver,
        Handle = source.VolumeHandle,
        IsEphemeral = false,
        FsType = source.FsType ?? "",
        IsReadOnly = request.Volume.PersistentVolumeClaim?.ReadOnly == true,
        Attributes = source.VolumeAttributes,
        AccessModes = volume.Spec.AccessModes,
        MountOptions = volume.Spec.MountOptions,
        StageSecret = source.NodeStageSecretRef,
        PublishSecret = source.NodePublishSecretRef,
    };

    private static CsiVolume Of(VolumeRequest request, CSIVolumeSource source) => new()
    {
        Driver = source.Driver,
        Handle = $"csi-{Hash(request.PodUid + request.Volume.Name)}",
        IsEphemeral = true,
        FsType = source.FsType ?? "",
        IsReadOnly = source.ReadOnly == true,
        Attributes = source.VolumeAttributes,
        PublishSecret = source.NodePublishSecretRef is { } secret ? new SecretReference { Name = secret.Name, Namespace = request.Pod.Metadata.Namespace } : null,
    };
}
