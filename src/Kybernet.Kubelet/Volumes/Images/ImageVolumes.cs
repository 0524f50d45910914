using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Volumes.Images;

/// <summary>Gets the images whose files a container sees, and shows the files where the runtime does not do it itself.</summary>
internal sealed class ImageVolumes(ImagePuller puller, IImageMounts mounts)
{
    private const int IdLength = 12;

    /// <summary>The pod's volumes, those that this container mounts and that are images made ready.</summary>
    /// <exception cref="ContainerStartException">An image cannot be had or mounted.</exception>
    public async Task<IReadOnlyDictionary<string, MountedVolume>> EnsureAsync(StartContext context, Container container, CancellationToken cancellationToken)
    {
        var result = context.Volumes;
        foreach (var name in container.VolumeMounts.Select(static mount => mount.Name).Distinct(StringComparer.Ordinal))
        {
            if (context.Pod.Spec.Volumes.FirstOrDefault(volume => volume.Name == name)?.Image is not { } source)
            {
                continue;
            }
            var image = await puller.EnsureAsync(ImageRequest.Of(context.Pod, source), context.SandboxConfig, cancellationToken);
            var ready = await MountAsync(context.Pod, context.Volumes[name], image, cancellationToken);
            result = new Dictionary<string, MountedVolume>(result, StringComparer.Ordinal) { [name] = ready };
        }
        return result;
    }

    /// <summary>By what the runtime knows the mount on a folder of a pod's volume.</summary>
    public static string KeyOf(string podUid, string folder) =>
        $"kybernet-volume-{podUid}-{Path.GetFileName(Path.GetDirectoryName(folder))}-{Path.GetFileName(folder)}";

    private async Task<MountedVolume> MountAsync(Pod pod, MountedVolume volume, ImageRecord image, CancellationToken cancellationToken)
    {
        try
        {
            if (!await mounts.AreNeededAsync(cancellationToken))
            {
                return volume with { Image = image.Id };
            }
            // A container that starts later may find another image under the name; those before it keep theirs.
            var folder = Path.Combine(volume.Path, image.Id[(image.Id.IndexOf(':') + 1)..][..IdLength]);
            if (!MountTable.IsMountPoint(folder))
            {
                Directory.CreateDirectory(folder);
                await mounts.MountAsync(image, KeyOf(pod.Metadata.Uid ?? "", folder), folder, cancellationToken);
            }
            return volume with { Path = folder };
        }
        catch (Exception exception) when (exception is ContainerRuntimeException or IOException)
        {
            throw new ContainerStartException("CreateContainerError", exception.Message);
        }
    }
}
