using System.Diagnostics;

namespace Kybernet.Cluster.Processes;

/// <summary>Starts processes that outlive this one, and recognises them later.</summary>
internal static class Daemon
{
    /// <summary>
    /// Starts a program in a session of its own, with its output appended to a log. The shell and setsid each replace themselves,
    /// so the process that is returned is the program.
    /// </summary>
    public static Process Start(string program, IReadOnlyList<string> arguments, string log)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", "log=$1; shift; exec setsid \"$@\" </dev/null >>\"$log\" 2>&1", "sh", log, program, .. arguments]);
        return Process.Start(start)!;
    }

    /// <summary>Keeps which process it is: its id, and when it started, since ids are used again.</summary>
    public static void WritePidFile(string path, int pid)
    {
        var temporary = path + ".new";
        File.WriteAllText(temporary, $"{pid} {StartTime(pid)}\n");
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The process that the file names, if it still runs.</summary>
    public static int? ReadPidFile(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var parts = File.ReadAllText(path).Trim().Split(' ');
        return parts.Length == 2 && int.TryParse(parts[0], out var pid) && StartTime(pid) is { } start && start == parts[1] ? pid : null;
    }

    /// <summary>Whether a process runs (one that has ended and waits for its parent does not).</summary>
    public static bool IsRunning(int pid) => StartTime(pid) is not null;

    /// <summary>When a process started, in the kernel's ticks; null where it does not run.</summary>
    private static string? StartTime(int pid)
    {
        try
        {
            // pid (name) state ppid ... : the name may hold spaces and parentheses, so what follows the last one counts.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }

    /// <summary>Asks a process to end, waits, and kills it when it has not ended in time.</summary>
    public static async Task StopAsync(int pid, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        await SignalAsync("TERM", pid, cancellationToken);
        if (!await WaitForEndAsync(pid, patience, time, cancellationToken))
        {
            await SignalAsync("KILL", pid, cancellationToken);
            await WaitForEndAsync(pid, TimeSpan.FromSeconds(5), time, cancellationToken);
        }
    }

    private static async Task SignalAsync(string signal, int pid, CancellationToken cancellationToken) =>
        // It may have ended by itself in the meantime: then there is nothing to signal, and that is as good.
        await Tool.RunAsync("sh", ["-c", $"kill -{signal} {pid}"], "", cancellationToken);

    private static async Task<bool> WaitForEndAsync(int pid, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + patience;
        while (IsRunning(pid))
        {
            if (time.GetUtcNow() >= deadline)
            {
                return false;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
        return true;
    }
}
