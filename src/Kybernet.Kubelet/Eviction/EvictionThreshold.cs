using Kybernet.Api.Times;

namespace Kybernet.Kubelet.Eviction;

/// <summary>How little of something may be left.</summary>
/// <param name="Signal">Of what.</param>
/// <param name="Amount">How little.</param>
internal sealed record EvictionThreshold(EvictionSignal Signal, EvictionAmount Amount)
{
    /// <summary>How long there may be less; null where pods are evicted at once, and have no time for their end.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>How much more has to be there before it is taken for enough again.</summary>
    public EvictionAmount MinimumReclaim { get; init; } = EvictionAmount.None;

    /// <summary>Whether there is less.</summary>
    /// <param name="supply">What there is.</param>
    /// <param name="withReclaim">Whether it was so before, so that more is needed.</param>
    public bool IsMet(Supply supply, bool withReclaim) =>
        // A file system that counts no inodes says that it has none.
        supply.Capacity > 0 && supply.Available < Amount.Of(supply.Capacity) + (withReclaim ? MinimumReclaim.Of(supply.Capacity) : 0);

    /// <summary>The thresholds that are configured, those first that are dealt with first.</summary>
    /// <exception cref="FormatException">There is no such signal, or a value is none.</exception>
    public static IReadOnlyList<EvictionThreshold> Of(KubeletOptions options)
    {
        CheckNames(options.EvictionHard.Keys, options.EvictionSoft.Keys, options.EvictionSoftGrace.Keys, options.EvictionMinimumReclaim.Keys);
        var thresholds = new List<EvictionThreshold>();
        foreach (var signal in EvictionSignal.All)
        {
            var reclaim = options.EvictionMinimumReclaim.TryGetValue(signal.Name, out var text) ? EvictionAmount.Parse(signal, text) : EvictionAmount.None;
            if (options.EvictionHard.TryGetValue(signal.Name, out var hard))
            {
                thresholds.Add(new EvictionThreshold(signal, EvictionAmount.Parse(signal, hard)) { MinimumReclaim = reclaim });
            }
            if (options.EvictionSoft.TryGetValue(signal.Name, out var soft))
            {
                thresholds.Add(new EvictionThreshold(signal, EvictionAmount.Parse(signal, soft)) { MinimumReclaim = reclaim, Grace = GraceOf(signal, options) });
            }
        }
        return [.. thresholds.Where(static threshold => !threshold.Amount.IsSwitchedOff)];
    }

    private static TimeSpan GraceOf(EvictionSignal signal, KubeletOptions options) => options.EvictionSoftGrace.TryGetValue(signal.Name, out var text)
        ? GoDuration.Parse(text)
        : throw new FormatException($"grace period must be specified for the soft eviction threshold {signal.Name}");

    private static void CheckNames(params IEnumerable<string>[] names)
    {
        if (names.SelectMany(static some => some).FirstOrDefault(static name => EvictionSignal.All.All(signal => signal.Name != name)) is { } unknown)
        {
            throw new FormatException($"unsupported eviction signal {unknown}");
        }
    }
}
