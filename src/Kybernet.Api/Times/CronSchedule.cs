namespace Kybernet.Api.Times;

/// <summary>
/// When something happens again and again: five fields (minute, hour, day of month, month, day of week), or one of <c>@yearly</c>, <c>@annually</c>,
/// <c>@monthly</c>, <c>@weekly</c>, <c>@daily</c>, <c>@midnight</c>, <c>@hourly</c> and <c>@every 1h30m</c>. Immutable.
/// </summary>
public sealed class CronSchedule
{
    private const string Every = "@every ";
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(5 * 366);
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private readonly CronField _minutes;
    private readonly CronField _hours;
    private readonly CronField _days;
    private readonly CronField _months;
    private readonly CronField _weekdays;
    private readonly TimeSpan? _period;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(TimeSpan period) => (_period, _zone) = (period, TimeZoneInfo.Utc);

    private CronSchedule(string[] fields, TimeZoneInfo zone)
    {
        _minutes = CronField.Parse(fields[0], 0, 59, []);
        _hours = CronField.Parse(fields[1], 0, 23, []);
        _days = CronField.Parse(fields[2], 1, 31, []);
        _months = CronField.Parse(fields[3], 1, 12, Months);
        _weekdays = CronField.Parse(fields[4], 0, 6, Days);
        _zone = zone;
    }

    /// <summary>Reads a schedule.</summary>
    /// <param name="text">The schedule, as a CronJob has it.</param>
    /// <param name="zone">Whose clock the fields go by.</param>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static CronSchedule Parse(string text, TimeZoneInfo zone)
    {
        if (text.StartsWith(Every, StringComparison.Ordinal))
        {
            var period = GoDuration.TryParse(text[Every.Length..], out var parsed)
                ? parsed : throw new FormatException($"failed to parse duration {text}: time: invalid duration \"{text[Every.Length..]}\"");
            return new CronSchedule(period < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(Math.Floor(period.TotalSeconds)));
        }
        var expanded = text.StartsWith('@') ? Expand(text) : text;
        var fields = expanded.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 5
            ? new CronSchedule(fields, zone)
            : throw new FormatException($"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]");
    }

    /// <summary>The first time after another; null where there is none within five years, as for the thirtieth of February.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (_period is { } period)
        {
            return new DateTimeOffset(after.UtcTicks - (after.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero) + period;
        }
        // In absolute time, an hour that a clock repeats comes twice, and one that it leaves out does not come.
        var time = new DateTimeOffset(after.UtcTicks - (after.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero) + TimeSpan.FromMinutes(1);
        for (var end = time + Horizon; time < end;)
        {
            var local = TimeZoneInfo.ConvertTime(time, _zone);
            if (!_months.Matches(local.Month))
            {
                time = Midnight(new DateTime(local.Year, local.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1), time);
            }
            else if (!MatchesDay(local))
            {
                time = Midnight(local.Date.AddDays(1), time);
            }
            else if (!_hours.Matches(local.Hour))
            {
                time += TimeSpan.FromMinutes(60 - local.Minute);
            }
            else if (!_minutes.Matches(local.Minute))
            {
                time += TimeSpan.FromMinutes(1);
            }
            else
            {
                return time;
            }
        }
        return null;
    }

    private static string Expand(string descriptor) => descriptor switch
    {
        "@yearly" or "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" or "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => throw new FormatException($"unrecognized descriptor: {descriptor}"),
    };

    /// <summary>Where both fields of the day say something, one of them is enough.</summary>
    private bool MatchesDay(DateTimeOffset local)
    {
        var (byDate, byWeekday) = (_days.Matches(local.Day), _weekdays.Matches((int)local.DayOfWeek));
        return _days.IsAny || _weekdays.IsAny ? byDate && byWeekday : byDate || byWeekday;
    }

    /// <summary>The beginning of a day; where clocks leave midnight out, of its first hour.</summary>
    private DateTimeOffset Midnight(DateTime day, DateTimeOffset current)
    {
        while (_zone.IsInvalidTime(day))
        {
            day = day.AddMinutes(30);
        }
        // Of a midnight that comes twice, the first.
        var offset = _zone.IsAmbiguousTime(day) ? _zone.GetAmbiguousTimeOffsets(day).Max() : _zone.GetUtcOffset(day);
        var midnight = new DateTimeOffset(day, offset).ToUniversalTime();
        return midnight > current ? midnight : current + TimeSpan.FromMinutes(1);
    }
}
