using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Pods;

namespace Kybernet.Kubelet.Eviction;

/// <summary>Frees what of the node's disks nobody needs: containers that have ended and images that nothing is made of.</summary>
internal sealed class NodeReclaim(ContainerCollector containers, ImageCollector images, ImageFileSystem disk)
{
    /// <summary>Frees what there is of what a signal is about.</summary>
    /// <returns>Whether there could be anything.</returns>
    public async Task<bool> FreeAsync(EvictionSignal signal, CancellationToken cancellationToken)
    {
        // On a disk of their own neither takes anything from the pods' files.
        if (!signal.IsOfDisk || (!signal.IsOfImages && await disk.IsSeparateAsync(cancellationToken)))
        {
            return false;
        }
        await containers.CollectAsync(areFinishedPodsKept: false, cancellationToken);
        await images.RemoveUnusedAsync(cancellationToken);
        return true;
    }
}
