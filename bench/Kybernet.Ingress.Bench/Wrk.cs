using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Kybernet.Ingress.Bench;

internal sealed record WrkResult(long Requests, double PerSecond, string P50, string P99);

/// <summary>Debian's <c>wrk</c>: keep-alive connections that ask again as soon as they are answered.</summary>
internal static partial class Wrk
{
    public static WrkResult Run(string url, string host, int connections, int seconds)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "wrk",
            [
                "-t", "1", "-c", connections.ToString(CultureInfo.InvariantCulture), "-d", seconds.ToString(CultureInfo.InvariantCulture),
                "--latency", "-H", $"Host: {host}", url,
            ]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal) || process.ExitCode != 0)
        {
            throw new InvalidDataException(output);
        }
        return new WrkResult(
            long.Parse(Requests().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            double.Parse(PerSecond().Match(output).Groups[1].Value, CultureInfo.InvariantCulture),
            P50().Match(output).Groups[1].Value,
            P99().Match(output).Groups[1].Value);
    }

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"(?m)^\s+50%\s+(\S+)")]
    private static partial Regex P50();

    [GeneratedRegex(@"(?m)^\s+99%\s+(\S+)")]
    private static partial Regex P99();
}
