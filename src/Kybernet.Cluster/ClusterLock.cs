using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster;

/// <summary>
/// Makes sure that a data directory has one process. The lock is the kernel's and ends with the process, however it ends;
/// the file beside it only says which process it is.
/// </summary>
internal sealed class ClusterLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _pidFile;
    private readonly string _run;

    private ClusterLock(FileStream file, string pidFile, string run)
    {
        _run = run;
        _file = file;
        _pidFile = pidFile;
    }

    /// <summary>Takes the lock.</summary>
    /// <exception cref="ClusterException">Another process has it, or the directory cannot be written.</exception>
    public static ClusterLock Take(DataDirectory data)
    {
        try
        {
            Directory.CreateDirectory(data.Root);
            Directory.CreateDirectory(data.Run);
            var file = new FileStream(data.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Daemon.WritePidFile(data.PidFile, Environment.ProcessId);
            return new ClusterLock(file, data.PidFile, data.Run);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ClusterException($"{data.Root} cannot be written: {e.Message}", e)
            {
                Hint = Environment.IsPrivilegedProcess ? "" : "Choose a directory of your own, --data-dir ~/.kybernet, or run it as root: sudo",
            };
        }
        catch (IOException e) when (RunningProcess(data) is { } pid)
        {
            throw new ClusterException($"a cluster is running on {data.Root} already (process {pid})", e)
            {
                Hint = $"Look at it: kybernet status{Flag(data)}. Stop it: kybernet down{Flag(data)}. Start a second: kybernet up --data-dir OTHER --https-port N",
            };
        }
        catch (IOException e)
        {
            throw new ClusterException($"{data.Root} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The process that runs a cluster, if there is one.</summary>
    public static int? RunningProcess(DataDirectory data) => Daemon.ReadPidFile(data.PidFile);

    /// <summary>What to add to a command so that it means this cluster.</summary>
    public static string Flag(DataDirectory data) => data.Root == DataDirectory.Default ? "" : $" --data-dir {data.Root}";

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(_pidFile);
        _file.Dispose();
        if (Directory.Exists(_run) && !Directory.EnumerateFileSystemEntries(_run).Any())
        {
            Directory.Delete(_run); // nothing was started
        }
    }
}
