using System.Diagnostics;

namespace Kybernet.Store.Tests.Sqlite;

/// <summary>A file system in memory that is soon full, and has space again when the ballast is taken out of it. It goes when it is disposed.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _root;

    private SmallDisk(string root) => _root = root;

    /// <summary>A folder of it to write to.</summary>
    public string DataDirectory => Path.Combine(_root, "data");

    private string Ballast => Path.Combine(_root, "ballast");

    /// <summary>Mounts one; skips the test where that cannot be done.</summary>
    public static SmallDisk Mount(int megabytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "mounting a small file system takes root");
        var root = Directory.CreateTempSubdirectory("kybernet-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", root) != 0)
        {
            Directory.Delete(root);
            Assert.Skip("file systems cannot be mounted here");
        }
        return new SmallDisk(root);
    }

    /// <summary>Leaves only so much space.</summary>
    public void FillUpTo(int freeBytes)
    {
        try
        {
            using var ballast = File.Create(Ballast);
            ballast.Write(new byte[Math.Max(0, new DriveInfo(_root).AvailableFreeSpace - freeBytes)]);
        }
        catch (IOException) when (new DriveInfo(_root).AvailableFreeSpace <= freeBytes)
        {
            // Whoever writes beside this was quicker: it is as full as it was to be.
        }
    }

    /// <summary>Makes space again.</summary>
    public void TakeOutBallast() => File.Delete(Ballast);

    public void Dispose()
    {
        Assert.Equal(0, Run("umount", _root));
        Directory.Delete(_root);
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
