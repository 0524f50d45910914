using Kybernet.Kubelet.Native;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Images;

/// <summary>Where the runtime keeps images and containers' own files.</summary>
internal sealed class ImageFileSystem(IContainerRuntime runtime, KubeletOptions options)
{
    private string? _folder;

    /// <summary>How full it is; null where the runtime does not know yet where it is.</summary>
    /// <exception cref="ContainerRuntimeException">The runtime does not answer.</exception>
    public async Task<DiskState?> ReadAsync(CancellationToken cancellationToken) =>
        await FindFolderAsync(cancellationToken) is { } folder ? DiskState.Of(folder) : null;

    /// <summary>Whether it is another one than that of the pods' files.</summary>
    /// <exception cref="ContainerRuntimeException">The runtime does not answer.</exception>
    public async Task<bool> IsSeparateAsync(CancellationToken cancellationToken) =>
        await FindFolderAsync(cancellationToken) is { } folder
        && LinuxCalls.IdentifyFileSystem(folder) != LinuxCalls.IdentifyFileSystem(options.RootDirectory);

    private async Task<string?> FindFolderAsync(CancellationToken cancellationToken) =>
        _folder ??= await runtime.FindImageFolderAsync(cancellationToken) is { } found && Directory.Exists(found) ? found : null;
}
