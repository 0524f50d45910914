using System.Globalization;

namespace Kybernet.Api.Times;

/// <summary>The times of the API.</summary>
public static class Rfc3339
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
    ];

    /// <summary>As a <c>Time</c> is written: in UTC, to the second.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Forms[0], CultureInfo.InvariantCulture);

    /// <summary>As a <c>MicroTime</c> is written: in UTC, to the microsecond.</summary>
    public static string FormatMicro(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads an RFC 3339 time; fractions beyond a ten-millionth of a second are cut off.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        if (text.Length > 27 && text[19] == '.')
        {
            var end = text.AsSpan(20).IndexOfAnyExceptInRange('0', '9');
            if (end > 7)
            {
                text = string.Concat(text.AsSpan(0, 27), text.AsSpan(20 + end));
            }
        }
        return DateTimeOffset.TryParseExact(
            text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}
