using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Holds a host path to the type that it claims to be of, and makes it where it may be made.</summary>
internal static class HostPathCheck
{
    /// <exception cref="VolumeException">The path is not what it claims to be.</exception>
    public static void Ensure(HostPathVolumeSource source)
    {
        var path = source.Path;
        switch (source.Type)
        {
            case null or "":
                return;
            case "DirectoryOrCreate":
                if (!Path.Exists(path))
                {
                    Directory.CreateDirectory(path, (UnixFileMode)0b111_101_101);
                }
                Require(path, FileKind.Directory, "directory");
                return;
            case "FileOrCreate":
                if (!Path.Exists(path))
                {
                    File.WriteAllBytes(path, []);
                    File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
                }
                Require(path, FileKind.Regular, "file");
                return;
            case "Directory":
                Require(path, FileKind.Directory, "directory");
                return;
            case "File":
                Require(path, FileKind.Regular, "file");
                return;
            case "Socket":
                Require(path, FileKind.Socket, "socket file");
                return;
            case "CharDevice":
                Require(path, FileKind.CharacterDevice, "character device");
                return;
            case "BlockDevice":
                Require(path, FileKind.BlockDevice, "block device");
                return;
            default:
                throw new VolumeException($"{source.Type} is an invalid volume type");
        }
    }

    private static void Require(string path, FileKind kind, string name)
    {
        if (LinuxCalls.KindOf(path) != kind)
        {
            throw new VolumeException($"hostPath type check failed: {path} is not a {name}");
        }
    }
}
