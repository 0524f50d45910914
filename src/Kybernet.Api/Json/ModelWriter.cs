using System.Text.Json;

namespace Kybernet.Api.Json;

/// <summary>How the API writes times: UTC, RFC 3339.</summary>
public static class ModelWriter
{
    /// <summary>Writes a <c>meta.v1.Time</c>: whole seconds, as in <c>2026-01-31T23:59:59Z</c>.</summary>
    public static void Time(Utf8JsonWriter writer, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[40];
        time.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }

    /// <summary>Writes a <c>meta.v1.MicroTime</c>: microseconds, as in <c>2026-01-31T23:59:59.000001Z</c>.</summary>
    public static void MicroTime(Utf8JsonWriter writer, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[40];
        time.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}
