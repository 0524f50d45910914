using System.Globalization;
using Kybernet.Api;

namespace Kybernet.Kubelet.Eviction;

/// <summary>An amount of what may run out.</summary>
/// <param name="Quantity">The amount; null where it is a share.</param>
/// <param name="Percent">The share, in hundredths.</param>
internal sealed record EvictionAmount(Quantity? Quantity, double Percent)
{
    /// <summary>Nothing.</summary>
    public static EvictionAmount None { get; } = new(Api.Quantity.Zero, 0);

    /// <summary>Whether it is a share that never decides anything: upstream takes these for a threshold that is switched off.</summary>
    public bool IsSwitchedOff => Quantity is null && Percent is 0 or 100;

    /// <summary>The amount, given how much there is.</summary>
    public long Of(long capacity) => Quantity?.ToInt64() ?? (long)(capacity * Percent / 100);

    /// <summary>Reads a quantity or a percentage.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static EvictionAmount Parse(EvictionSignal signal, string text)
    {
        if (!text.EndsWith('%'))
        {
            return new EvictionAmount(Api.Quantity.Parse(text), 0);
        }
        return double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100
            ? new EvictionAmount(null, percent)
            : throw new FormatException($"eviction percentage threshold {signal.Name} must be between 0% and 100%: {text}");
    }
}
