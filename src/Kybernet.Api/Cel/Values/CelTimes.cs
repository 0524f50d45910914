using System.Globalization;
using Kybernet.Api.Times;

namespace Kybernet.Api.Cel;

/// <summary>A moment, to the ten-millionth of a second, between the years 1 and 9999.</summary>
/// <param name="value">The value, in UTC.</param>
public sealed class CelTimestamp(DateTimeOffset value) : CelValue
{
    /// <summary>The value, in UTC.</summary>
    public DateTimeOffset Value { get; } = value.ToUniversalTime();

    /// <inheritdoc/>
    public override CelType Type => CelType.Timestamp;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    internal override bool Same(CelValue other) => other is CelTimestamp time && time.Value == Value;
}

/// <summary>A span of time, to the ten-millionth of a second, of some 290 years at most.</summary>
/// <param name="value">The value.</param>
public sealed class CelDuration(TimeSpan value) : CelValue
{
    private static readonly TimeSpan Longest = TimeSpan.FromTicks(long.MaxValue / 100);

    /// <summary>The value.</summary>
    public TimeSpan Value { get; } = value;

    /// <inheritdoc/>
    public override CelType Type => CelType.Duration;

    /// <inheritdoc/>
    public override string ToString() => $"{(Value.Ticks / (decimal)TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture)}s";

    /// <summary>Reads a duration as Go writes it; an error where it is none.</summary>
    internal static CelValue Parse(string text)
    {
        try
        {
            return Of(GoDuration.Parse(text));
        }
        catch (FormatException exception)
        {
            return new CelError(exception.Message);
        }
    }

    /// <summary>A duration; an error where it is longer than one may be.</summary>
    internal static CelValue Of(TimeSpan value) => value > Longest || value < -Longest ? new CelError("integer overflow") : new CelDuration(value);

    internal override bool Same(CelValue other) => other is CelDuration duration && duration.Value == Value;
}
