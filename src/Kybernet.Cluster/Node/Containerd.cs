using System.Net.Sockets;
using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster.Node;

/// <summary>
/// A cluster's own containerd: its root, state and socket are this cluster's, so the machine's containerd is not touched.
/// It runs in a session of its own and outlives a crash of the cluster's process; the next start adopts it, with its containers.
/// </summary>
internal sealed class Containerd(DataDirectory data, TimeProvider time)
{
    private const string KubernetesNamespace = "k8s.io";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan RemoveTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Whether this cluster's containerd runs.</summary>
    public bool IsRunning => Daemon.ReadPidFile(data.ContainerdPid) is not null;

    /// <summary>Starts it, or finds that it runs, and returns when it answers.</summary>
    /// <returns>Whether it ran already.</returns>
    public async Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        if (Daemon.ReadPidFile(data.ContainerdPid) is { } running)
        {
            await WaitForSocketAsync(running, cancellationToken);
            return true;
        }

        foreach (var folder in (string[])[data.Run, data.ContainerdRoot, data.ContainerdState, data.CniConfiguration])
        {
            Directory.CreateDirectory(folder);
        }
        var configuration = ContainerdConfiguration.Format(data, await ChooseSnapshotterAsync(cancellationToken), Capabilities.HasSysResource());
        await File.WriteAllTextAsync(data.ContainerdConfiguration, configuration, cancellationToken);

        Directory.CreateDirectory(data.Run);
        // A socket that an ended containerd left behind would look like a start that worked.
        File.Delete(data.ContainerdSocket);
        using var process = Daemon.Start(Tool.Find("containerd"), ["--config", data.ContainerdConfiguration], data.ContainerdLog);
        Daemon.WritePidFile(data.ContainerdPid, process.Id);
        await WaitForSocketAsync(process.Id, cancellationToken);
        return false;
    }

    private async Task<string> ChooseSnapshotterAsync(CancellationToken cancellationToken) => ContainerdConfiguration.ChooseSnapshotter(
        await File.ReadAllTextAsync("/proc/self/mountinfo", cancellationToken),
        data.ContainerdRoot,
        await File.ReadAllTextAsync("/proc/filesystems", cancellationToken));

    private async Task WaitForSocketAsync(int pid, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + StartTimeout;
        while (!await AnswersAsync(cancellationToken))
        {
            if (!Daemon.IsRunning(pid) || time.GetUtcNow() >= deadline)
            {
                throw new ClusterException($"containerd did not start: {LastLine(data.ContainerdLog)}")
                {
                    Hint = $"Its log: {data.ContainerdLog}",
                };
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(data.ContainerdSocket), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string LastLine(string path) =>
        File.Exists(path) ? File.ReadLines(path).LastOrDefault(static line => line.Length > 0) ?? "its log is empty" : "it wrote no log";

    /// <summary>Adds the images of an archive (OCI layout or Docker's) to what pods of this cluster can run.</summary>
    /// <returns>The names of the images.</returns>
    public async Task<IReadOnlyList<string>> ImportAsync(string archive, CancellationToken cancellationToken)
    {
        // "unpacking NAME (sha256:...)...done", a line for each image
        var snapshotter = await ChooseSnapshotterAsync(cancellationToken);
        var output = await CtrAsync(["images", "import", "--snapshotter", snapshotter, archive], cancellationToken);
        return [.. output.Split('\n').Where(static line => line.StartsWith("unpacking ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[1])];
    }

    /// <summary>The names of the images that are there.</summary>
    public async Task<IReadOnlySet<string>> ListImagesAsync(CancellationToken cancellationToken)
    {
        var output = await CtrAsync(["images", "list", "--quiet"], cancellationToken);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Forgets every container and sandbox, whose processes have ended; images stay.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RemoveContainersAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        var deadline = time.GetUtcNow() + RemoveTimeout;
        while (await ListContainersAsync(cancellationToken) is { Length: > 0 } containers)
        {
            removed = Math.Max(removed, containers.Length);
            // containerd notices by itself that the processes have ended, and takes their tasks away while ctr looks for them: ctr then fails
            // for some, and they are tried again.
            var deletion = await TryCtrAsync(["containers", "delete", .. containers], cancellationToken);
            if (!deletion.Succeeded && time.GetUtcNow() >= deadline)
            {
                throw new ClusterException($"containers cannot be removed: {deletion.Error}") { Hint = $"containerd's log: {data.ContainerdLog}" };
            }
            await Task.Delay(TimeSpan.FromMilliseconds(deletion.Succeeded ? 0 : 50), time, cancellationToken);
        }
        return removed;
    }

    private async Task<string[]> ListContainersAsync(CancellationToken cancellationToken) =>
        (await CtrAsync(["containers", "list", "--quiet"], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Ends containerd, and what is left of the shims of its containers. What it keeps on disk (images) stays.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Daemon.ReadPidFile(data.ContainerdPid) is { } pid)
        {
            await Daemon.StopAsync(pid, TimeSpan.FromSeconds(10), time, cancellationToken);
        }
        File.Delete(data.ContainerdPid);
        foreach (var shim in FindShims())
        {
            await Daemon.StopAsync(shim, TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    /// <summary>The shims that were started for this containerd: its socket is among their arguments.</summary>
    private IEnumerable<int> FindShims()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var pid))
            {
                continue;
            }
            string arguments;
            try
            {
                arguments = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (IOException)
            {
                continue; // it ended in the meantime
            }
            if (arguments.Contains("containerd-shim", StringComparison.Ordinal) && arguments.Split('\0').Contains(data.ContainerdSocket))
            {
                yield return pid;
            }
        }
    }

    private Task<string> CtrAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Tool.RunCheckedAsync("ctr", CtrArguments(arguments), "", cancellationToken);

    private Task<ToolResult> TryCtrAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Tool.RunAsync("ctr", CtrArguments(arguments), "", cancellationToken);

    private string[] CtrArguments(IReadOnlyList<string> arguments) =>
        ["--address", data.ContainerdSocket, "--namespace", KubernetesNamespace, .. arguments];
}
