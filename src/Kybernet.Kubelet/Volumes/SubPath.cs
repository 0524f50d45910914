using System.Globalization;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Volumes;

/// <summary>
/// Mounts the part of a volume that a container wants to see at a place of its own. The part is opened once, in a way that cannot leave the volume,
/// and what was opened is what is mounted: a container that swaps a folder for a link in between gains nothing.
/// </summary>
internal static class SubPath
{
    /// <summary>The path on the node under which the part is mounted; a folder is made where there is nothing yet.</summary>
    /// <param name="volume">The volume's path on the node.</param>
    /// <param name="subPath">The path inside it, expanded.</param>
    /// <param name="target">Where it is to be mounted.</param>
    /// <exception cref="ContainerConfigException">The path leads out of the volume.</exception>
    public static string Mount(string volume, string subPath, string target)
    {
        if (Path.IsPathRooted(subPath))
        {
            throw new ContainerConfigException($"error SubPath `{subPath}` must not be an absolute path");
        }
        if (subPath.Split('/').Contains(".."))
        {
            throw new ContainerConfigException($"unable to provision SubPath `{subPath}`: must not contain '..'");
        }
        try
        {
            using var part = BeneathFolder.OpenOrCreate(volume, subPath, File.GetUnixFileMode(volume));
            Mount(BeneathFolder.NameOf(part), target);
            return target;
        }
        catch (IOException exception)
        {
            throw new ContainerConfigException($"failed to prepare subPath for volumeMount \"{subPath}\": {exception.Message}");
        }
    }

    /// <summary>Where a mount of a container is made.</summary>
    /// <param name="subPaths">The pod's folder for it.</param>
    /// <param name="volume">The volume's name.</param>
    /// <param name="container">The container's name.</param>
    /// <param name="index">Which of its mounts it is.</param>
    public static string TargetOf(string subPaths, string volume, string container, int index) =>
        Path.Combine(subPaths, volume, container, index.ToString(CultureInfo.InvariantCulture));

    private static void Mount(string source, string target)
    {
        if (MountTable.IsMountPoint(target))
        {
            // An earlier instance of the container has it; the file behind the path may be another one since.
            if (LinuxCalls.InodeOf(target) == LinuxCalls.InodeOf(source))
            {
                return;
            }
            LinuxCalls.UnmountIfMounted(target);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (LinuxCalls.KindOf(source) == FileKind.Directory)
        {
            File.Delete(target);
            Directory.CreateDirectory(target);
        }
        else if (!File.Exists(target))
        {
            File.WriteAllBytes(target, []);
        }
        LinuxCalls.Bind(source, target);
    }
}
