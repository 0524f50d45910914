using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster.Node;

/// <summary>The control groups of a cluster's pods, in every hierarchy of cgroup v1 and in v2.</summary>
internal static class ControlGroups
{
    private const string Root = "/sys/fs/cgroup";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks every process in the group to end, waits, and kills those that have not ended in time.</summary>
    public static async Task StopProcessesAsync(string group, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        await SignalAsync("TERM", Processes(group), cancellationToken);
        var deadline = time.GetUtcNow() + patience;
        while (Processes(group).Count > 0)
        {
            if (time.GetUtcNow() >= deadline)
            {
                await SignalAsync("KILL", Processes(group), cancellationToken);
            }
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    /// <summary>Removes the group, empty of processes, with the groups inside it.</summary>
    public static async Task RemoveAsync(string group, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var folder in Folders(group))
        {
            await RemoveTreeAsync(folder, time, cancellationToken);
        }
    }

    private static async Task SignalAsync(string signal, IReadOnlyCollection<int> processes, CancellationToken cancellationToken)
    {
        if (processes.Count > 0)
        {
            // Some may have ended in the meantime: kill then fails for those, and that is as good.
            await Tool.RunAsync("sh", ["-c", $"kill -{signal} {string.Join(' ', processes)}"], "", cancellationToken);
        }
    }

    private static HashSet<int> Processes(string group)
    {
        var processes = new HashSet<int>();
        foreach (var folder in Folders(group))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "cgroup.procs", SearchOption.AllDirectories))
            {
                try
                {
                    processes.UnionWith(File.ReadLines(file).Select(static line => int.Parse(line, null)));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // The container ended, and its group with it, between finding the file and reading it.
                }
            }
        }
        return processes;
    }

    private static IEnumerable<string> Folders(string group)
    {
        var hierarchies = File.Exists(Path.Combine(Root, "cgroup.controllers")) ? [Root] : Directory.EnumerateDirectories(Root);
        return hierarchies.Select(hierarchy => hierarchy + group).Where(Directory.Exists);
    }

    private static async Task RemoveTreeAsync(string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var child in Directory.EnumerateDirectories(folder))
        {
            await RemoveTreeAsync(child, time, cancellationToken);
        }

        const int attempts = 100;
        for (var attempt = 1; Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && attempt < attempts)
            {
                // The kernel lets go of a group a moment after its last process has ended.
                await Task.Delay(Poll, time, cancellationToken);
            }
        }
    }
}
