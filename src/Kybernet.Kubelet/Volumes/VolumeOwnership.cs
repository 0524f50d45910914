using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Volumes;

/// <summary>Gives a volume's files to the pod's group, as <c>fsGroup</c> wants it.</summary>
internal static class VolumeOwnership
{
    private const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode Folder = UnixFileMode.SetGroup | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    /// <summary>Brings the volume to the group; with the policy OnRootMismatch only where its folder is not the group's already.</summary>
    public static void Apply(string folder, VolumeRequest request, bool isReadOnly)
    {
        if (request.Group is not { } group || isReadOnly)
        {
            return;
        }
        var policy = request.Pod.Spec.SecurityContext?.FsGroupChangePolicy;
        if (policy == "OnRootMismatch" && IsOfGroup(folder, group))
        {
            return;
        }
        // Its folder comes last: as long as it is not the group's, the work is not finished.
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            Give(entry, group);
        }
        Give(new DirectoryInfo(folder), group);
    }

    private static bool IsOfGroup(string folder, long group)
    {
        const UnixFileMode wanted = ReadWrite | Folder;
        return LinuxCalls.GroupOf(folder) == group && (File.GetUnixFileMode(folder) & wanted) == wanted;
    }

    private static void Give(FileSystemInfo entry, long group)
    {
        LinuxCalls.ChangeOwner(entry.FullName, -1, group);
        if (entry.LinkTarget is not null)
        {
            return;
        }
        var mode = entry.UnixFileMode | ReadWrite;
        entry.UnixFileMode = entry is DirectoryInfo ? mode | Folder : mode;
    }
}
