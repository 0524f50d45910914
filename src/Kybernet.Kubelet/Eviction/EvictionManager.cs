using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Stats;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Eviction;

/// <summary>
/// Looks every few seconds whether the node runs out of something, or a pod keeps more on its disk than it may, and ends pods, one at a time, until
/// neither is so.
/// </summary>
internal sealed partial class EvictionManager(
    PodManager pods, UsageSampler usage, StorageLimits limits, Machine machine, KubeletOptions options, IEventRecorder events, TimeProvider time, ILogger<EvictionManager> logger)
{
    private readonly IReadOnlyList<EvictionThreshold> _thresholds = EvictionThreshold.Parse(options.EvictionHard);
    private readonly Dictionary<string, DateTimeOffset> _lastShort = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Whether the node has a condition: something is short, or was so a moment ago.</summary>
    public bool Has(string condition)
    {
        lock (_gate)
        {
            return _lastShort.TryGetValue(condition, out var last) && time.GetUtcNow() - last <= options.EvictionPressureTransition;
        }
    }

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
            catch (ContainerRuntimeException exception)
            {
                LogUnknown(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var shortages = FindShortages();
        var running = pods.List().Where(static pod => !PodPhase.IsFinal(pod.Status.Phase)).ToArray();
        // Reading what containers use costs the runtime more than anything here: only where it decides something.
        if (running.Length == 0 || (shortages.Count == 0 && !running.Any(HasStorageLimit)))
        {
            return;
        }
        var sample = await usage.ReadAsync(cancellationToken);
        var consumptions = running.Select(pod => new PodConsumption(pod, [.. sample.Containers.Where(container => container.Pod.Uid == pod.Metadata.Uid)])).ToArray();
        if (EvictForStorage(consumptions) || shortages.Count == 0)
        {
            return;
        }
        var (threshold, supply) = shortages[0];
        events.Record(NodeReference(), EventType.Warning, "EvictionThresholdMet", $"Attempting to reclaim {threshold.Signal.Resource}");
        foreach (var pod in EvictionRanking.Rank(consumptions, threshold.Signal))
        {
            // One that is ending already is waited for before the next.
            Evict(pod, EvictionMessages.OfPressure(pod, threshold, supply));
            return;
        }
    }

    private static bool HasStorageLimit(Pod pod) =>
        pod.Spec.Volumes.Any(static volume => volume.EmptyDir is { SizeLimit.IsZero: false })
        || pod.Spec.Containers.Any(static container => container.Resources?.Limits.ContainsKey("ephemeral-storage") == true);

    private List<(EvictionThreshold Threshold, Supply Supply)> FindShortages()
    {
        var shortages = new List<(EvictionThreshold, Supply)>();
        foreach (var threshold in _thresholds)
        {
            var supply = NodeSupplies.Read(machine, threshold.Signal);
            // A file system that counts no inodes says that it has none.
            if (supply.Capacity == 0 || supply.Available >= threshold.AmountOf(supply.Capacity))
            {
                continue;
            }
            shortages.Add((threshold, supply));
            lock (_gate)
            {
                _lastShort[threshold.Signal.Condition] = time.GetUtcNow();
            }
        }
        return shortages;
    }

    private bool EvictForStorage(IEnumerable<PodConsumption> consumptions)
    {
        var isAnyEvicted = false;
        foreach (var pod in consumptions)
        {
            if (limits.FindExcess(pod) is { } excess)
            {
                isAnyEvicted |= Evict(pod, excess);
            }
        }
        return isAnyEvicted;
    }

    private bool Evict(PodConsumption pod, string message)
    {
        if (!pods.Evict(pod.Pod.Metadata.Uid!, new StartProblem(EvictionMessages.Reason, message)))
        {
            return false;
        }
        events.Record(pod.Pod, EventType.Warning, EvictionMessages.Reason, message);
        LogEvicted(pod.Pod.Metadata.Namespace, pod.Pod.Metadata.Name, message);
        return true;
    }

    private ObjectReference NodeReference() => new() { ApiVersion = "v1", Kind = "Node", Name = options.NodeName, Uid = options.NodeName };

    [LoggerMessage(LogLevel.Warning, "Whether pods have to be evicted is not known: {Problem}")]
    private partial void LogUnknown(string problem);

    [LoggerMessage(LogLevel.Information, "Pod {Namespace}/{Name} is evicted: {Message}")]
    private partial void LogEvicted(string? @namespace, string? name, string message);
}
