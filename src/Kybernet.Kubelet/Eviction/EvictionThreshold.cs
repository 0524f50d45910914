using System.Globalization;
using Kybernet.Api;

namespace Kybernet.Kubelet.Eviction;

/// <summary>How little of something may be left.</summary>
/// <param name="Signal">Of what.</param>
/// <param name="Quantity">The amount; null where it is a share.</param>
/// <param name="Percent">The share, in hundredths.</param>
internal sealed record EvictionThreshold(EvictionSignal Signal, Quantity? Quantity, double Percent)
{
    /// <summary>The amount, given how much there is.</summary>
    public long AmountOf(long capacity) => Quantity?.ToInt64() ?? (long)(capacity * Percent / 100);

    /// <summary>Reads thresholds as they are configured: a quantity or a percentage for each signal.</summary>
    /// <exception cref="FormatException">There is no such signal, or it is neither.</exception>
    public static IReadOnlyList<EvictionThreshold> Parse(IReadOnlyDictionary<string, string> configured) =>
        [.. EvictionSignal.All.Where(signal => configured.ContainsKey(signal.Name)).Select(signal => Parse(signal, configured[signal.Name]))];

    /// <summary>Refuses what <see cref="Parse(IReadOnlyDictionary{string, string})"/> would not understand.</summary>
    /// <exception cref="FormatException">There is something.</exception>
    public static void Check(IReadOnlyDictionary<string, string> configured)
    {
        if (configured.Keys.FirstOrDefault(static name => EvictionSignal.All.All(signal => signal.Name != name)) is { } unknown)
        {
            throw new FormatException($"unsupported eviction signal {unknown}");
        }
        Parse(configured);
    }

    private static EvictionThreshold Parse(EvictionSignal signal, string text)
    {
        if (!text.EndsWith('%'))
        {
            return new EvictionThreshold(signal, Api.Quantity.Parse(text), 0);
        }
        return double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100
            ? new EvictionThreshold(signal, null, percent)
            : throw new FormatException($"eviction percentage threshold {signal.Name} must be between 0% and 100%: {text}");
    }
}
