using System.Globalization;
using Kybernet.Api.Meta.V1;

namespace Kybernet.ApiServer.Resources;

/// <summary>The columns that most tables have, and how their cells read.</summary>
internal static class Columns
{
    /// <summary>The object's name.</summary>
    public static TableColumn Name { get; } = new("Name", "string", "name", "Name must be unique within a namespace.", 0);

    /// <summary>How long ago the object was made.</summary>
    public static TableColumn Age { get; } = new("Age", "string", "", "Time since the object was created.", 0);

    /// <summary>A column of text.</summary>
    public static TableColumn Text(string name, string description, int priority = 0) => new(name, "string", "", description, priority);

    /// <summary>A column of whole numbers.</summary>
    public static TableColumn Number(string name, string description, int priority = 0) => new(name, "integer", "", description, priority);

    /// <summary>An object's age in upstream's short form, such as <c>5m</c>; <c>&lt;unknown&gt;</c> where it does not say.</summary>
    public static string AgeOf(ObjectMeta metadata, DateTimeOffset now) => Since(metadata.CreationTimestamp, now);

    /// <summary>The time since an instant in upstream's short form.</summary>
    public static string Since(DateTimeOffset? instant, DateTimeOffset now) => instant is { } time ? Human(now - time) : "<unknown>";

    /// <summary>A duration in upstream's short form: two figures of precision for short ones, one for long ones.</summary>
    public static string Human(TimeSpan duration)
    {
        var seconds = (long)Math.Truncate(duration.TotalSeconds);
        if (seconds < -1)
        {
            return "<invalid>";
        }
        if (seconds < 0)
        {
            return "0s";
        }
        if (seconds < 120)
        {
            return Unit(seconds, 's');
        }
        var minutes = seconds / 60;
        if (minutes < 10)
        {
            return Two(minutes, 'm', seconds % 60, 's');
        }
        if (minutes < 180)
        {
            return Unit(minutes, 'm');
        }
        var hours = seconds / 3600;
        if (hours < 8)
        {
            return Two(hours, 'h', minutes % 60, 'm');
        }
        if (hours < 48)
        {
            return Unit(hours, 'h');
        }
        if (hours < 24 * 8)
        {
            return Two(hours / 24, 'd', hours % 24, 'h');
        }
        if (hours < 24 * 365 * 2)
        {
            return Unit(hours / 24, 'd');
        }
        if (hours < 24 * 365 * 8)
        {
            return Two(hours / 24 / 365, 'y', hours / 24 % 365, 'd');
        }
        return Unit(hours / 24 / 365, 'y');
    }

    private static string Unit(long count, char unit) => string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");

    private static string Two(long count, char unit, long rest, char restUnit) =>
        rest == 0 ? Unit(count, unit) : string.Create(CultureInfo.InvariantCulture, $"{count}{unit}{rest}{restUnit}");
}
