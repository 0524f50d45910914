using System.Globalization;
using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster;

/// <summary>Starts a cluster in the background: the same program again, as a process that outlives the terminal.</summary>
/// <param name="time">The clock.</param>
public sealed class DetachedCluster(TimeProvider time)
{
    private const int LogLinesToShow = 15;

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Starts it and returns when it is up.</summary>
    /// <param name="data">Which cluster.</param>
    /// <param name="arguments">The arguments of a foreground <c>up</c>.</param>
    /// <param name="reporter">Is told of the steps.</param>
    /// <param name="cancellationToken">Gives up waiting and ends the process.</param>
    /// <exception cref="ClusterException">It did not come up; the message has the end of its log.</exception>
    public async Task<RunningCluster> StartAsync(
        DataDirectory data, IReadOnlyList<string> arguments, IStepReporter reporter, CancellationToken cancellationToken)
    {
        // Found out here rather than from a log: the message is better.
        ClusterLock.Take(data).Dispose();
        RotateLog(data.Log);
        if (File.Exists(data.Steps))
        {
            File.Delete(data.Steps);
        }

        using var process = Daemon.Start(Environment.ProcessPath!, [.. arguments, "--report-steps", data.Steps], data.Log);
        var steps = new StepFileReader(data.Steps, reporter);
        var deadline = time.GetUtcNow() + ReadyTimeout;
        try
        {
            while (true)
            {
                var ended = process.HasExited;
                if (steps.ReadNew() is { } ready)
                {
                    return ready with { ProcessId = process.Id };
                }
                if (ended)
                {
                    throw new ClusterException(steps.Failure ?? $"the cluster did not start (exit code {process.ExitCode}):\n{EndOf(data.Log)}")
                    {
                        Hint = steps.Hint ?? $"The whole log: {data.Log}",
                    };
                }
                if (time.GetUtcNow() > deadline)
                {
                    await Daemon.StopAsync(process.Id, TimeSpan.FromSeconds(10), time, cancellationToken);
                    throw new ClusterException(
                        string.Create(CultureInfo.InvariantCulture, $"the cluster was not ready after {ReadyTimeout.TotalSeconds:0} s; the end of its log:\n{EndOf(data.Log)}"))
                    {
                        Hint = $"The whole log: {data.Log}",
                    };
                }
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C while waiting: a cluster that nobody was told about must not stay. The token has fired, so the end is awaited without it.
            await Daemon.StopAsync(process.Id, TimeSpan.FromSeconds(10), time, CancellationToken.None);
            throw;
        }
    }

    private static void RotateLog(string log)
    {
        const long maxBytes = 16 << 20;
        if (File.Exists(log) && new FileInfo(log).Length > maxBytes)
        {
            File.Move(log, log + ".1", overwrite: true);
        }
    }

    private static string EndOf(string log) =>
        File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(LogLinesToShow).Select(static line => "  " + line)) : "  (it wrote no log)";
}
