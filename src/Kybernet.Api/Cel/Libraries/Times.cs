using System.Globalization;

namespace Kybernet.Api.Cel;

/// <summary>The parts of moments and of spans of time.</summary>
internal static class Times
{
    public static void Declare(CelFunctions functions)
    {
        Part(functions, "getFullYear", static time => time.Year);
        Part(functions, "getMonth", static time => time.Month - 1);
        Part(functions, "getDayOfYear", static time => time.DayOfYear - 1);
        Part(functions, "getDayOfMonth", static time => time.Day - 1);
        Part(functions, "getDate", static time => time.Day);
        Part(functions, "getDayOfWeek", static time => (int)time.DayOfWeek);
        Part(functions, "getHours", static time => time.Hour);
        Part(functions, "getMinutes", static time => time.Minute);
        Part(functions, "getSeconds", static time => time.Second);
        Part(functions, "getMilliseconds", static time => time.Millisecond);
        Length(functions, "getHours", TimeSpan.TicksPerHour);
        Length(functions, "getMinutes", TimeSpan.TicksPerMinute);
        Length(functions, "getSeconds", TimeSpan.TicksPerSecond);
        Length(functions, "getMilliseconds", TimeSpan.TicksPerMillisecond);
    }

    private static void Part(CelFunctions functions, string name, Func<DateTimeOffset, int> part)
    {
        functions.Member(name, [CelType.Timestamp], CelType.Int, arguments => new CelInt(part(((CelTimestamp)arguments[0]).Value)));
        functions.Member(
            name, [CelType.Timestamp, CelType.String], CelType.Int,
            arguments => InZone(((CelTimestamp)arguments[0]).Value, ((CelString)arguments[1]).Value) is { } time ? new CelInt(part(time)) : new CelError($"unknown time zone {arguments[1]}"));
    }

    private static void Length(CelFunctions functions, string name, long unit) =>
        functions.Member(name, [CelType.Duration], CelType.Int, arguments => new CelInt(((CelDuration)arguments[0]).Value.Ticks / unit));

    /// <summary>The time by the clock of a place, or of an offset such as <c>-08:00</c>.</summary>
    private static DateTimeOffset? InZone(DateTimeOffset time, string zone)
    {
        if (zone.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParseExact(zone.TrimStart('+', '-'), ["h\\:mm", "hh\\:mm"], CultureInfo.InvariantCulture, out var offset) && offset < TimeSpan.FromHours(14)
                ? time.ToOffset(zone[0] == '-' ? -offset : offset)
                : null;
        }
        return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var place) ? TimeZoneInfo.ConvertTime(time, place) : null;
    }
}
