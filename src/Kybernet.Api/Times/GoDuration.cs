using System.Globalization;
using System.Numerics;

namespace Kybernet.Api.Times;

/// <summary>Durations as Go writes them, such as <c>1h30m</c> and <c>1.5s</c>: those of flags and of <c>metav1.Duration</c>.</summary>
public static class GoDuration
{
    private const long NanosecondsPerTick = 100;

    private static readonly (string Unit, long Nanoseconds)[] Units =
    [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ];

    /// <summary>Reads a duration; what is finer than a ten-millionth of a second is cut off.</summary>
    /// <exception cref="FormatException">The text is none; the message is Go's.</exception>
    public static TimeSpan Parse(string text) => Read(text, out var duration) is { } error ? throw new FormatException(error) : duration;

    /// <summary>Reads a duration, if the text is one.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        return text is not null && Read(text, out duration) is null;
    }

    /// <summary>Writes a duration.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }
        var sign = duration < TimeSpan.Zero ? "-" : "";
        var ticks = BigInteger.Abs(duration.Ticks);
        if (ticks < TimeSpan.TicksPerSecond)
        {
            var nanoseconds = (long)ticks * NanosecondsPerTick;
            return nanoseconds < 1_000_000 ? $"{sign}{Fraction(nanoseconds, 1_000)}µs" : $"{sign}{Fraction(nanoseconds, 1_000_000)}ms";
        }
        var hours = ticks / TimeSpan.TicksPerHour;
        var minutes = ticks / TimeSpan.TicksPerMinute % 60;
        var seconds = $"{Fraction((long)(ticks % TimeSpan.TicksPerMinute), TimeSpan.TicksPerSecond)}s";
        return hours > 0 ? $"{sign}{hours}h{minutes}m{seconds}" : minutes > 0 ? $"{sign}{minutes}m{seconds}" : sign + seconds;
    }

    private static string Fraction(long value, long unit) => ((decimal)value / unit).ToString("0.#########", CultureInfo.InvariantCulture);

    private static string? Read(string text, out TimeSpan duration)
    {
        duration = default;
        var invalid = $"time: invalid duration \"{text}\"";
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }
        if (rest is "0")
        {
            return null;
        }
        if (rest.Length == 0)
        {
            return invalid;
        }
        decimal total = 0;
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            var number = digits < 0 ? rest : rest[..digits];
            if (number.Length is 0 or > 27 || number is "." || number.Count('.') > 1)
            {
                return invalid;
            }
            rest = rest[number.Length..];
            var end = rest.IndexOfAny("0123456789.");
            var unit = end < 0 ? rest : rest[..end];
            if (unit.Length == 0)
            {
                return $"time: missing unit in duration \"{text}\"";
            }
            if (Nanoseconds(unit) is not { } nanoseconds)
            {
                return $"time: unknown unit \"{unit}\" in duration \"{text}\"";
            }
            rest = rest[unit.Length..];
            var part = decimal.Parse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            if (part > long.MaxValue / nanoseconds || (total += part * nanoseconds) > long.MaxValue)
            {
                return invalid;
            }
        }
        var ticks = (long)(total / NanosecondsPerTick);
        duration = new TimeSpan(negative ? -ticks : ticks);
        return null;
    }

    private static long? Nanoseconds(ReadOnlySpan<char> unit)
    {
        foreach (var (name, nanoseconds) in Units)
        {
            if (unit.SequenceEqual(name))
            {
                return nanoseconds;
            }
        }
        return null;
    }
}
