namespace Kybernet.Kubelet.Volumes;

/// <summary>A volume that is ready for containers.</summary>
/// <param name="Path">Its folder or file on the node.</param>
internal sealed record MountedVolume(string Path)
{
    /// <summary>Whether nobody may write to it, whatever a container's mount says.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The image whose files it shows, where the runtime itself mounts these; empty otherwise.</summary>
    public string Image { get; init; } = "";

    /// <summary>Whether the runtime is to label it for SELinux as the pod is labelled.</summary>
    public bool IsRelabelled { get; init; }
}
