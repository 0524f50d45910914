using Kybernet.Kubelet.Native;

namespace Kybernet.Kubelet.Nodes;

/// <summary>How full a file system is.</summary>
internal readonly record struct DiskState(long TotalSize, long Available, long TotalInodes, long FreeInodes)
{
    /// <summary>The file system that a folder is on.</summary>
    public static DiskState Of(string folder)
    {
        var drive = new DriveInfo(folder);
        var (inodes, free) = LinuxCalls.CountInodes(folder);
        return new DiskState(drive.TotalSize, drive.AvailableFreeSpace, inodes, free);
    }
}
