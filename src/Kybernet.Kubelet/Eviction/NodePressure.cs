namespace Kybernet.Kubelet.Eviction;

/// <summary>
/// Remembers since when thresholds are met, and so says what the node is short of: at once as a condition of the Node, for some time after it was so, and
/// as a reason to evict once the threshold's grace is over.
/// </summary>
internal sealed class NodePressure(IReadOnlyList<EvictionThreshold> thresholds, TimeSpan transition)
{
    private readonly Dictionary<EvictionThreshold, DateTimeOffset> _metSince = [];
    private readonly Dictionary<string, DateTimeOffset> _lastSeen = new(StringComparer.Ordinal);
    private HashSet<EvictionThreshold> _pressing = [];
    private volatile IReadOnlyList<string> _conditions = [];

    /// <summary>The Node's conditions that are true.</summary>
    public IReadOnlyList<string> Conditions => _conditions;

    /// <summary>Looks at what there is. Of one caller at a time.</summary>
    /// <param name="supplies">What there is; of what is not known it is not said that it is short.</param>
    /// <param name="now">The time.</param>
    /// <returns>The thresholds that pods are to be evicted for, the most pressing first.</returns>
    public IReadOnlyList<EvictionThreshold> Look(IReadOnlyDictionary<EvictionSignal, Supply> supplies, DateTimeOffset now)
    {
        foreach (var threshold in thresholds)
        {
            // One that pods were evicted for is met until there is enough, and the minimum to be reclaimed on top.
            if (!supplies.TryGetValue(threshold.Signal, out var supply) || !threshold.IsMet(supply, _pressing.Contains(threshold)))
            {
                _metSince.Remove(threshold);
                continue;
            }
            _metSince.TryAdd(threshold, now);
            _lastSeen[threshold.Signal.Condition] = now;
        }
        _conditions = [.. _lastSeen.Where(entry => now - entry.Value < transition).Select(static entry => entry.Key).Order(StringComparer.Ordinal)];
        var pressing = thresholds
            .Where(threshold => _metSince.TryGetValue(threshold, out var since) && now - since >= (threshold.Grace ?? TimeSpan.Zero))
            .ToArray();
        _pressing = [.. pressing];
        return pressing;
    }

    /// <summary>Whether, after something was reclaimed, there is enough of everything.</summary>
    public bool IsRelieved(IReadOnlyDictionary<EvictionSignal, Supply> supplies) =>
        !thresholds.Any(threshold => supplies.TryGetValue(threshold.Signal, out var supply) && threshold.IsMet(supply, withReclaim: true));
}
