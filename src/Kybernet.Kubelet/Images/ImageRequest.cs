using Kybernet.Kubelet.Containers;
using ImageVolumeSource = Kybernet.Api.Core.V1.ImageVolumeSource;
using Pod = Kybernet.Api.Core.V1.Pod;

namespace Kybernet.Kubelet.Images;

/// <summary>An image that a pod needs.</summary>
/// <param name="Pod">The pod, whose secrets count and whose events tell of it.</param>
/// <param name="Container">The container that it is for; null where it is a volume.</param>
/// <param name="Reference">The image as the pod has it.</param>
/// <param name="PullPolicy">When it is to be pulled; null for what the image's tag suggests.</param>
internal sealed record ImageRequest(Pod Pod, PodContainer? Container, string Reference, string? PullPolicy)
{
    public static ImageRequest Of(Pod pod, PodContainer container) =>
        new(pod, container, container.Container.Image ?? "", container.Container.ImagePullPolicy);

    public static ImageRequest Of(Pod pod, ImageVolumeSource volume) => new(pod, null, volume.Reference ?? "", volume.PullPolicy);
}
