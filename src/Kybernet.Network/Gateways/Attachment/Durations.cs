using System.Globalization;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>Reads durations such as <c>1h30m</c> or <c>500ms</c>.</summary>
internal static class Durations
{
    /// <summary>The duration; null where there is none, or where it is zero and so means without end.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static TimeSpan? Parse(string? text)
    {
        var total = TimeSpan.Zero;
        for (var rest = (text ?? "").AsSpan(); rest.Length > 0;)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            var end = digits < 0 ? -1 : rest[digits..].IndexOfAnyInRange('0', '9');
            var unit = digits < 0 ? "" : (end < 0 ? rest[digits..] : rest.Slice(digits, end)).ToString();
            total += int.Parse(rest[..Math.Max(digits, 0)], CultureInfo.InvariantCulture) * unit switch
            {
                "h" => TimeSpan.FromHours(1),
                "m" => TimeSpan.FromMinutes(1),
                "s" => TimeSpan.FromSeconds(1),
                "ms" => TimeSpan.FromMilliseconds(1),
                _ => throw new FormatException($"{text} is no duration"),
            };
            rest = end < 0 ? [] : rest[(digits + end)..];
        }
        return total == TimeSpan.Zero ? null : total;
    }
}
