using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kybernet.Kubelet.Native;

/// <summary>
/// Opens what lies inside a folder that somebody else may be changing at the same moment. The kernel itself refuses every step that leads out, by
/// <c>..</c> or by a symbolic link, and what was opened stays the same file whatever happens to its name afterwards.
/// </summary>
internal static partial class BeneathFolder
{
    private const int OpenAt2 = 437;
    private const int PathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;
    private const ulong ResolveBeneath = 0x08;
    private const ulong NoMagicLinks = 0x02;
    private const int NoSuchEntry = 2;
    private const int Exists = 17;

    /// <summary>Opens a path inside a folder, only to refer to it; missing folders on the way, and at its end, are made.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="path">The path inside it.</param>
    /// <param name="mode">The permissions of the folders that are made.</param>
    /// <exception cref="IOException">The path leads out of the folder, or through what is no folder.</exception>
    public static SafeFileHandle OpenOrCreate(string root, string path, UnixFileMode mode)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (TryOpen(root, string.Join('/', parts) is { Length: > 0 } clean ? clean : ".") is { } whole)
        {
            return whole;
        }
        var current = TryOpen(root, ".") ?? throw Failure($"open {root}");
        for (var i = 0; i < parts.Length; i++)
        {
            // From the root each time, so that a link on the way may lead up and down inside it.
            var way = string.Join('/', parts[..(i + 1)]);
            var next = TryOpen(root, way);
            if (next is null)
            {
                Make(current, parts[i], mode);
                next = TryOpen(root, way) ?? throw Failure($"open {way} in {root}");
            }
            current.Dispose();
            current = next;
        }
        return current;
    }

    /// <summary>A name by which the kernel finds what a handle refers to.</summary>
    public static string NameOf(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    private static unsafe SafeFileHandle? TryOpen(string root, string path)
    {
        const int currentDirectory = -100;
        var folder = Open(currentDirectory, root, PathOnly | CloseOnExec);
        if (folder < 0)
        {
            throw Failure($"open {root}");
        }
        using var handle = new SafeFileHandle(folder, ownsHandle: true);
        var how = stackalloc ulong[3] { PathOnly | CloseOnExec, 0, ResolveBeneath | NoMagicLinks };
        var opened = OpenBeneath(OpenAt2, folder, path, how, 3 * sizeof(ulong));
        if (opened >= 0)
        {
            return new SafeFileHandle((nint)opened, ownsHandle: true);
        }
        return Marshal.GetLastPInvokeError() == NoSuchEntry ? null : throw Failure($"open {path} in {root}");
    }

    private static void Make(SafeFileHandle folder, string name, UnixFileMode mode)
    {
        var descriptor = (int)folder.DangerousGetHandle();
        if (MakeFolder(descriptor, name, (uint)mode) != 0)
        {
            // Someone was faster; whether it is a folder shows when it is opened.
            if (Marshal.GetLastPInvokeError() != Exists)
            {
                throw Failure($"mkdir {name}");
            }
            return;
        }
        // Past the umask. A link that took its place in the meantime cannot lead out of the folder.
        if (TryOpen(NameOf(folder) + "/.", name) is { } made)
        {
            using (made)
            {
                File.SetUnixFileMode(NameOf(made), mode);
            }
        }
    }

    private static IOException Failure(string what) => new($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial long OpenBeneath(long number, int folder, string path, ulong* how, nuint size);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(int folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFolder(int folder, string name, uint mode);
}
