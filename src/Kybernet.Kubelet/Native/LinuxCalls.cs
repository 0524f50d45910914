using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Kybernet.Kubelet.Native;

/// <summary>The few system calls that .NET has no method for.</summary>
internal static partial class LinuxCalls
{
    private const int InvalidArgument = 22;
    private const int NoSuchEntry = 2;
    private const int DetachFlag = 2;
    private const ulong NoSuid = 2;
    private const ulong NoExec = 8;
    private const ulong NoDev = 4;

    /// <summary>Mounts a file system in memory.</summary>
    /// <param name="path">An existing folder.</param>
    /// <param name="sizeBytes">Its bound; null for the kernel's default.</param>
    /// <param name="isExecutable">Whether programs may be run from it.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void MountTmpfs(string path, long? sizeBytes, bool isExecutable)
    {
        var options = sizeBytes is { } size ? $"size={size}" : "";
        var flags = isExecutable ? 0 : NoSuid | NoExec | NoDev;
        if (Mount("tmpfs", path, "tmpfs", flags, options) != 0)
        {
            throw Failure($"mount tmpfs on {path}");
        }
    }

    /// <summary>Mounts a file system of huge pages.</summary>
    /// <param name="path">An existing folder.</param>
    /// <param name="pageSize">As the kernel writes it: <c>2M</c>, <c>1G</c>.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void MountHugePages(string path, string pageSize)
    {
        if (Mount("nodev", path, "hugetlbfs", 0, $"pagesize={pageSize}") != 0)
        {
            throw Failure($"mount hugetlbfs on {path}");
        }
    }

    /// <summary>Shows a file or folder, with what is mounted inside it, at a second place.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Bind(string source, string target)
    {
        const ulong bind = 0x1000;
        const ulong recursive = 0x4000;
        if (Mount(source, target, "", bind | recursive, "") != 0)
        {
            throw Failure($"bind {source} to {target}");
        }
    }

    /// <summary>Mounts something that nobody may write to.</summary>
    /// <param name="source">What.</param>
    /// <param name="target">An existing folder.</param>
    /// <param name="type">The kind of file system; <c>bind</c> for what is already to be seen at another place.</param>
    /// <param name="options">What the file system is told.</param>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void MountReadOnly(string source, string target, string type, string options)
    {
        const ulong readOnly = 1;
        const ulong remount = 0x20;
        const ulong bind = 0x1000;
        if (type == "bind")
        {
            Bind(source, target);
        }
        else if (Mount(source, target, type, readOnly, options) != 0)
        {
            throw Failure($"mount {type} on {target}");
        }
        // A bind mount takes this flag only afterwards.
        if (Mount("", target, "", bind | remount | readOnly, "") != 0)
        {
            throw Failure($"mount {target} read-only");
        }
    }

    /// <summary>The group that a file or folder belongs to.</summary>
    /// <exception cref="IOException">There is nothing.</exception>
    public static unsafe long GroupOf(string path)
    {
        const int currentDirectory = -100;
        const uint groupOnly = 0x10;
        var buffer = stackalloc byte[256];
        return StatX(currentDirectory, path, 0, groupOnly, buffer) == 0 ? *(uint*)(buffer + 24) : throw Failure($"stat {path}");
    }

    /// <summary>Unmounts whatever is mounted there, if anything is.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void UnmountIfMounted(string path)
    {
        // Not a mount point, or not there: what was wanted.
        if (Unmount(path, DetachFlag) != 0 && Marshal.GetLastPInvokeError() is not (InvalidArgument or NoSuchEntry))
        {
            throw Failure($"unmount {path}");
        }
    }

    /// <summary>Changes who owns a file or folder; -1 leaves an owner as it is. Symbolic links are changed themselves.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void ChangeOwner(string path, long user, long group)
    {
        if (ChangeOwnerOf(path, unchecked((uint)user), unchecked((uint)group)) != 0)
        {
            throw Failure($"chown {path}");
        }
    }

    /// <summary>How many files a file system can hold, and how many more it has room for.</summary>
    public static unsafe (long Total, long Free) CountInodes(string path)
    {
        // struct statfs of 64-bit Linux: type, bsize, blocks, bfree, bavail, files, ffree, then what is of no interest; all of 8 bytes.
        var buffer = stackalloc long[32];
        if (StatFs(path, buffer) != 0)
        {
            throw Failure($"statfs {path}");
        }
        return (buffer[5], buffer[6]);
    }

    /// <summary>Tells the file system that a path is on from others.</summary>
    public static unsafe long IdentifyFileSystem(string path)
    {
        var buffer = stackalloc long[32];
        return StatFs(path, buffer) == 0 ? buffer[7] : throw Failure($"statfs {path}");
    }

    /// <summary>Gives a file, folder or symbolic link another name in place of whatever file or link had it; nobody sees a moment without either.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static void Rename(string from, string to)
    {
        if (RenameTo(from, to) != 0)
        {
            throw Failure($"rename {from} {to}");
        }
    }

    /// <summary>What kind of file a path leads to; <see cref="FileKind.None"/> where there is nothing.</summary>
    public static unsafe FileKind KindOf(string path)
    {
        const int currentDirectory = -100;
        const uint typeOnly = 1;
        // struct statx is the same on every architecture: the mode is the 16 bits at byte 28.
        var buffer = stackalloc byte[256];
        return StatX(currentDirectory, path, 0, typeOnly, buffer) == 0 ? (FileKind)(*(ushort*)(buffer + 28) & 0xF000) : FileKind.None;
    }

    /// <summary>The number of the file that a path leads to, which stays when it is renamed; 0 where there is nothing.</summary>
    public static unsafe ulong InodeOf(string path)
    {
        const int currentDirectory = -100;
        const uint inodeOnly = 0x100;
        var buffer = stackalloc byte[256];
        return StatX(currentDirectory, path, 0, inodeOnly, buffer) == 0 ? *(ulong*)(buffer + 32) : 0;
    }

    private static IOException Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {new Win32Exception(error).Message}");
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameTo(string from, string to);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwnerOf(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatFs(string path, long* buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* buffer);
}

/// <summary>Kinds of files, as the kernel numbers them.</summary>
internal enum FileKind
{
    None = 0,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    Socket = 0xC000,
}
