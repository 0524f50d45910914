using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Volumes.Images;

/// <summary>Shows images' files in folders of the node, for a runtime that cannot mount them into containers itself.</summary>
internal interface IImageMounts
{
    /// <summary>Whether there is a need: whether the runtime cannot.</summary>
    Task<bool> AreNeededAsync(CancellationToken cancellationToken);

    /// <summary>Mounts an image's files, read-only, on an existing folder. They stay there even if the image goes.</summary>
    /// <param name="image">The image, which the node has.</param>
    /// <param name="key">By what the mount is known to the runtime: nobody else's, and the same when it is tried again.</param>
    /// <param name="folder">Where.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ContainerRuntimeException">The runtime refused.</exception>
    /// <exception cref="IOException">The kernel refused.</exception>
    Task MountAsync(ImageRecord image, string key, string folder, CancellationToken cancellationToken);

    /// <summary>Takes a mount away, also a half of one; does nothing where there is none.</summary>
    Task UnmountAsync(string key, string folder, CancellationToken cancellationToken);
}
