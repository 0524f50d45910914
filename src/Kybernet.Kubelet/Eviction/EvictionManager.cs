using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Eviction;

/// <summary>
/// Looks every few seconds whether the node runs out of something, or a pod keeps more on its disk than it may. Against the first it frees what nobody
/// needs and, where that is not enough, ends pods, one at a time, until there is enough; against the second it ends the pod.
/// </summary>
internal sealed partial class EvictionManager(
    PodManager pods,
    NodePressure pressure,
    NodeSupplies supplies,
    NodeReclaim reclaim,
    PodConsumptions consumptions,
    StorageLimits limits,
    KubeletOptions options,
    NodeEvents nodeEvents,
    PodEvents podEvents,
    TimeProvider time,
    ILogger<EvictionManager> logger)
{
    private static readonly TimeSpan Immediately = TimeSpan.FromSeconds(1);

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.EvictionPeriod, time);
        do
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is ContainerRuntimeException or IOException)
            {
                LogUnknown(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var available = await supplies.ReadAsync(cancellationToken);
        var pressing = pressure.Look(available, time.GetUtcNow());
        var running = pods.List().Where(static pod => !PodPhase.IsFinal(pod.Status.Phase)).ToArray();
        if (await EvictForStorageAsync(running, cancellationToken) || pressing is not [var threshold, ..])
        {
            return;
        }
        nodeEvents.Warning("EvictionThresholdMet", $"Attempting to reclaim {threshold.Signal.Resource}");
        if (await reclaim.FreeAsync(threshold.Signal, cancellationToken) && pressure.IsRelieved(await supplies.ReadAsync(cancellationToken)))
        {
            LogRelieved(threshold.Signal.Name);
            return;
        }
        await EvictForPressureAsync(running, threshold, available[threshold.Signal], cancellationToken);
    }

    private async Task<bool> EvictForStorageAsync(IReadOnlyList<Pod> running, CancellationToken cancellationToken)
    {
        var limited = running.Where(StorageLimits.HasAny).ToArray();
        // Reading what containers use costs the runtime more than anything here: only where it decides something.
        if (limited.Length == 0)
        {
            return false;
        }
        var isAnyEvicted = false;
        foreach (var pod in await consumptions.ReadAsync(limited, static _ => true, cancellationToken))
        {
            if (!pod.IsCritical && limits.FindExcess(pod) is { } excess)
            {
                isAnyEvicted |= Evict(pod, excess, Immediately);
            }
        }
        return isAnyEvicted;
    }

    private async Task EvictForPressureAsync(IReadOnlyList<Pod> running, EvictionThreshold threshold, Supply supply, CancellationToken cancellationToken)
    {
        if (running.Count == 0)
        {
            return;
        }
        var used = await consumptions.ReadAsync(running, _ => threshold.Signal.IsOfDisk, cancellationToken);
        if (EvictionRanking.Rank(used, threshold.Signal) is [var first, ..])
        {
            // One that is ending already is waited for before the next.
            Evict(first, EvictionMessages.OfPressure(first, threshold, supply), GraceFor(first.Pod, threshold));
        }
    }

    private TimeSpan GraceFor(Pod pod, EvictionThreshold threshold)
    {
        if (threshold.Grace is null)
        {
            return Immediately;
        }
        var own = TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? ContainerKiller.DefaultGraceSeconds);
        return own < options.EvictionMaxPodGrace ? own : options.EvictionMaxPodGrace;
    }

    private bool Evict(PodConsumption pod, string message, TimeSpan grace)
    {
        if (!pods.Evict(pod.Pod.Metadata.Uid!, new StartProblem(EvictionMessages.Reason, message), grace))
        {
            return false;
        }
        podEvents.Warning(pod.Pod, EvictionMessages.Reason, message);
        LogEvicted(pod.Pod.Metadata.Namespace, pod.Pod.Metadata.Name, message);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Whether pods have to be evicted is not known: {Problem}")]
    private partial void LogUnknown(string problem);

    [LoggerMessage(LogLevel.Information, "There is enough of {Signal} again without evicting a pod")]
    private partial void LogRelieved(string signal);

    [LoggerMessage(LogLevel.Information, "Pod {Namespace}/{Name} is evicted: {Message}")]
    private partial void LogEvicted(string? @namespace, string? name, string message);
}
