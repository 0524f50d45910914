using System.Diagnostics;

namespace Kybernet.Store.Tests.Histories;

/// <summary>A file system of its own on a file, which can be made to keep everybody waiting who writes to it. It goes when it is disposed.</summary>
internal sealed class StallingDisk : IDisposable
{
    private readonly string _root;
    private readonly string _image;

    private StallingDisk(string root, string image) => (_root, _image) = (root, image);

    /// <summary>A folder of it to write to.</summary>
    public string DataDirectory => Path.Combine(_root, "data");

    /// <summary>Mounts one; skips the test where that cannot be done.</summary>
    public static StallingDisk Mount(int megabytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "mounting a file system takes root");
        var root = Directory.CreateTempSubdirectory("kybernet-stall-").FullName;
        var image = root + ".img";
        using (var file = File.Create(image))
        {
            file.SetLength(megabytes << 20);
        }
        if (Run("mkfs.ext4", "-q", "-F", image) != 0 || Run("mount", "-o", "loop", image, root) != 0)
        {
            File.Delete(image);
            Directory.Delete(root);
            Assert.Skip("file systems on files cannot be mounted here");
        }
        var disk = new StallingDisk(root, image);
        if (Run("fsfreeze", "--freeze", root) != 0)
        {
            disk.Dispose();
            Assert.Skip("file systems cannot be frozen here");
        }
        Assert.Equal(0, Run("fsfreeze", "--unfreeze", root));
        return disk;
    }

    /// <summary>Lets no write end for a while.</summary>
    public async Task StallAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        Assert.Equal(0, Run("fsfreeze", "--freeze", _root));
        try
        {
            await Task.Delay(time, TimeProvider.System, cancellationToken);
        }
        finally
        {
            Assert.Equal(0, Run("fsfreeze", "--unfreeze", _root));
        }
    }

    public void Dispose()
    {
        Assert.Equal(0, Run("umount", _root));
        File.Delete(_image);
        Directory.Delete(_root);
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1; // there is no such program
        }
    }
}
