using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Runtime.Cri;
using Container = Kybernet.Api.Core.V1.Container;
using VolumeMount = Kybernet.Api.Core.V1.VolumeMount;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Says to the runtime where a container sees a volume.</summary>
internal static class VolumeMountBuilder
{
    /// <param name="container">The container.</param>
    /// <param name="index">Which of its mounts.</param>
    /// <param name="inputs">What it is put together from.</param>
    /// <param name="subPaths">The pod's folder for parts of volumes.</param>
    /// <exception cref="ContainerConfigException">The mount cannot be made.</exception>
    public static Mount Build(Container container, int index, ContainerInputs inputs, string subPaths)
    {
        var mount = container.VolumeMounts[index];
        if (!inputs.Volumes.TryGetValue(mount.Name, out var volume))
        {
            throw new ContainerConfigException($"cannot find volume \"{mount.Name}\" to mount into container \"{container.Name}\"");
        }
        var containerPath = Path.IsPathRooted(mount.MountPath) ? mount.MountPath : "/" + mount.MountPath;
        var path = volume.Path;
        var subPath = SubPathOf(mount, inputs);
        if (volume.Image.Length > 0)
        {
            return new Mount { ContainerPath = containerPath, Image = new ImageSpec { Image = volume.Image }, ImageSubPath = subPath, Readonly = true };
        }
        if (subPath.Length > 0)
        {
            path = SubPath.Mount(path, subPath, SubPath.TargetOf(subPaths, mount.Name, container.Name, index));
        }
        return new Mount
        {
            ContainerPath = containerPath,
            HostPath = path,
            Readonly = mount.ReadOnly == true || volume.IsReadOnly,
            RecursiveReadOnly = mount.ReadOnly == true && mount.RecursiveReadOnly == "Enabled",
            SelinuxRelabel = volume.IsRelabelled,
            Propagation = mount.MountPropagation switch
            {
                "HostToContainer" => MountPropagation.PropagationHostToContainer,
                "Bidirectional" => MountPropagation.PropagationBidirectional,
                _ => MountPropagation.PropagationPrivate,
            },
        };
    }

    private static string SubPathOf(VolumeMount mount, ContainerInputs inputs)
    {
        if (mount.SubPathExpr is not { Length: > 0 } expression)
        {
            return mount.SubPath ?? "";
        }
        return Expansion.Expand(expression, name => inputs.Environment.TryGetValue(name, out var value)
            ? value
            : throw new ContainerConfigException($"missing value for \"{name}\""));
    }
}
