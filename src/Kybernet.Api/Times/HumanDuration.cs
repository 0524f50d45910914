using System.Globalization;

namespace Kybernet.Api.Times;

/// <summary>Durations as tables show them: two or three significant figures.</summary>
public static class HumanDuration
{
    /// <summary>A succinct form, such as <c>2m30s</c>, <c>5d</c> or <c>2y45d</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (Soon((long)duration.TotalSeconds, 120) is { } soon)
        {
            return soon;
        }
        var minutes = (long)duration.TotalMinutes;
        if (minutes < 10)
        {
            return Two(minutes, "m", duration.Seconds, "s");
        }
        if (minutes < 60 * 3)
        {
            return One(minutes, "m");
        }
        var hours = (long)duration.TotalHours;
        return hours switch
        {
            < 8 => Two(hours, "h", duration.Minutes, "m"),
            < 48 => One(hours, "h"),
            < 24 * 8 => Two(hours / 24, "d", hours % 24, "h"),
            < 24 * 365 * 2 => One(hours / 24, "d"),
            < 24 * 365 * 8 => Two(hours / 24 / 365, "y", hours / 24 % 365, "d"),
            _ => One(hours / 24 / 365, "y"),
        };
    }

    /// <summary>A form of one figure, such as <c>2m</c>, <c>5d</c> or <c>2y</c>.</summary>
    public static string FormatShort(TimeSpan duration)
    {
        if (Soon((long)duration.TotalSeconds, 60) is { } soon)
        {
            return soon;
        }
        var hours = (long)duration.TotalHours;
        return hours switch
        {
            < 1 => One((long)duration.TotalMinutes, "m"),
            < 24 => One(hours, "h"),
            < 24 * 365 => One(hours / 24, "d"),
            _ => One(hours / 24 / 365, "y"),
        };
    }

    /// <summary>Clocks differ a little: what is a second ahead is now.</summary>
    private static string? Soon(long seconds, int below) =>
        seconds < -1 ? "<invalid>" : seconds < 0 ? "0s" : seconds < below ? One(seconds, "s") : null;

    private static string One(long number, string unit) => number.ToString(CultureInfo.InvariantCulture) + unit;

    private static string Two(long number, string unit, long rest, string restUnit) =>
        rest == 0 ? One(number, unit) : One(number, unit) + One(rest, restUnit);
}
