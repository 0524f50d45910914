using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster.Hosting;

/// <summary>
/// Keeps one component of the cluster running: when it fails, says why and starts it again, later each time,
/// while the other components go on.
/// </summary>
/// <param name="name">What it is called in the log.</param>
/// <param name="run">One run: returns when the token fires, throws when it cannot go on.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failures are told.</param>
internal sealed partial class ComponentSupervisor(
    string name, Func<CancellationToken, Task> run, TimeProvider time, ILogger<ComponentSupervisor> logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    /// <summary>A run that lasted as long was a good one: the next failure is treated as the first.</summary>
    private static readonly TimeSpan GoodRun = TimeSpan.FromMinutes(1);

    /// <summary>Runs the component until the token fires.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => RunAsync(mayEnd: false, cancellationToken);

    /// <summary>Runs what is to be done once until it has succeeded, or the token fires.</summary>
    public Task RunOnceAsync(CancellationToken cancellationToken) => RunAsync(mayEnd: true, cancellationToken);

    private async Task RunAsync(bool mayEnd, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            var begin = time.GetTimestamp();
            try
            {
                await run(cancellationToken);
                if (mayEnd || cancellationToken.IsCancellationRequested)
                {
                    return;
                }
                LogEnded(name, delay.TotalSeconds);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                delay = time.GetElapsedTime(begin) >= GoodRun ? FirstDelay : delay;
                LogFailed(name, delay.TotalSeconds, e);
            }

            try
            {
                await Task.Delay(delay, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            delay = delay * 2 < MaxDelay ? delay * 2 : MaxDelay;
        }
    }

    [LoggerMessage(LogLevel.Error, "{Component} failed and starts again in {Seconds} s")]
    private partial void LogFailed(string component, double seconds, Exception exception);

    [LoggerMessage(LogLevel.Error, "{Component} ended though nobody asked it to, and starts again in {Seconds} s")]
    private partial void LogEnded(string component, double seconds);
}
