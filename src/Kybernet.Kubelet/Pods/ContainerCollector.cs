using Kybernet.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Pods;

/// <summary>
/// Removes containers that have ended: of each container of a pod the newest is kept, for its log and its last state. Where disk is short, those of pods
/// that are over go altogether.
/// </summary>
internal sealed partial class ContainerCollector(
    IContainerRuntime runtime, PodManager pods, PodPaths paths, TimeProvider time, ILogger<ContainerCollector> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Looks every minute until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await CollectAsync(areFinishedPodsKept: true, cancellationToken);
            }
            catch (ContainerRuntimeException exception)
            {
                LogFailed(exception.Message);
            }
        }
    }

    /// <summary>Removes what may be removed.</summary>
    /// <param name="areFinishedPodsKept">Whether pods that are over keep a container of each.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerRuntimeException">The runtime does not answer.</exception>
    public async Task CollectAsync(bool areFinishedPodsKept, CancellationToken cancellationToken)
    {
        var ended = (await runtime.ListContainersAsync(null, cancellationToken)).Where(static container => container.State == ContainerRunState.Exited);
        foreach (var instances in ended.GroupBy(static container => (container.Pod.Uid, container.Name)))
        {
            var isNoneKept = !areFinishedPodsKept && pods.IsOver(instances.Key.Uid);
            foreach (var container in instances.OrderByDescending(static container => container.CreatedAt).Skip(isNoneKept ? 0 : 1))
            {
                await RemoveAsync(container, cancellationToken);
            }
        }
        if (areFinishedPodsKept)
        {
            return;
        }
        foreach (var sandbox in await runtime.ListSandboxesAsync(null, cancellationToken))
        {
            if (!sandbox.IsReady && pods.IsOver(sandbox.Pod.Uid))
            {
                await runtime.RemoveSandboxAsync(sandbox.Id, cancellationToken);
            }
        }
    }

    private async Task RemoveAsync(ContainerSummary summary, CancellationToken cancellationToken)
    {
        if (await runtime.FindContainerAsync(summary, cancellationToken) is { } container)
        {
            await runtime.RemoveContainerAsync(container.Id, cancellationToken);
            ContainerLogs.Remove(paths, summary.Pod, container);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Containers that have ended could not be removed: {Problem}")]
    private partial void LogFailed(string problem);
}
