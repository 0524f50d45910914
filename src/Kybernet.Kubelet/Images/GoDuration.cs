using System.Globalization;

namespace Kybernet.Kubelet.Images;

/// <summary>Writes durations as Go prints them.</summary>
internal static class GoDuration
{
    /// <summary>To the millisecond, as in <c>1.203s</c>, <c>45ms</c> or <c>2m3.5s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        var milliseconds = (long)Math.Round(duration.TotalMilliseconds);
        if (milliseconds < 1000)
        {
            return milliseconds == 0 ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
        }
        var seconds = (milliseconds % 60_000 / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
        var minutes = milliseconds / 60_000;
        return minutes == 0 ? $"{seconds}s"
            : minutes < 60 ? string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{minutes / 60}h{minutes % 60}m{seconds}s");
    }
}
