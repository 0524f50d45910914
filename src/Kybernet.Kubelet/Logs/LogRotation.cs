using System.Globalization;
using System.IO.Compression;
using Kybernet.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Logs;

/// <summary>
/// Keeps containers' logs within bounds: a log that has grown too large is moved aside and the runtime is told to begin a new one; of those moved
/// aside all but the newest are compressed, and the oldest are removed.
/// </summary>
internal sealed partial class LogRotation(IContainerRuntime runtime, KubeletOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Looks every ten seconds until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RotateAllAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is ContainerRuntimeException or IOException or UnauthorizedAccessException)
            {
                LogFailed(exception.Message);
            }
        }
    }

    /// <summary>Looks at the logs of all running containers once.</summary>
    internal async Task RotateAllAsync(CancellationToken cancellationToken)
    {
        foreach (var container in await runtime.ListContainersAsync(null, cancellationToken))
        {
            if (container.State != ContainerRunState.Running)
            {
                continue;
            }
            // Where its log lies follows from its name; the runtime need not be asked.
            var folder = Path.Combine(options.PodLogsDirectory, $"{container.Pod.Namespace}_{container.Pod.Name}_{container.Pod.Uid}");
            var log = new FileInfo(Path.Combine(folder, PodPaths.ContainerLog(container.Name, (int)container.Attempt)));
            if (log.Exists && log.Length >= options.ContainerLogMaxBytes)
            {
                await RotateAsync(container.Id, log.FullName, cancellationToken);
            }
        }
    }

    private async Task RotateAsync(string id, string log, CancellationToken cancellationToken)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var rotated = $"{log}.{stamp}";
        RemoveOldest(log);
        foreach (var plain in Rotated(log).Where(file => !file.EndsWith(".gz", StringComparison.Ordinal)))
        {
            await CompressAsync(plain, cancellationToken);
        }
        File.Move(log, rotated);
        try
        {
            await runtime.ReopenLogAsync(id, cancellationToken);
        }
        catch (ContainerRuntimeException)
        {
            // The container still writes into the file: it gets its name back, and the next look tries again.
            File.Move(rotated, log, overwrite: true);
            throw;
        }
    }

    // Two of the files that are kept are the current one and the one that is about to be moved aside.
    private void RemoveOldest(string log)
    {
        var rotated = Rotated(log);
        for (var i = 0; i <= rotated.Count - (options.ContainerLogMaxFiles - 1); i++)
        {
            File.Delete(rotated[i]);
        }
    }

    private static List<string> Rotated(string log)
    {
        // Not by a pattern: ".*" would match the log itself too.
        var prefix = log + ".";
        var files = Directory.EnumerateFiles(Path.GetDirectoryName(log)!).Where(file => file.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static async Task CompressAsync(string file, CancellationToken cancellationToken)
    {
        var temporary = file + ".tmp";
        await using (var source = File.OpenRead(file))
        await using (var target = File.Create(temporary))
        await using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            await source.CopyToAsync(gzip, cancellationToken);
        }
        File.Move(temporary, file + ".gz");
        File.Delete(file);
    }

    [LoggerMessage(LogLevel.Warning, "A container's log could not be rotated: {Problem}")]
    private partial void LogFailed(string problem);
}
