using System.Globalization;
using System.Text;

namespace Kybernet.Network.Dns.Serving;

/// <summary>Counts values by size.</summary>
/// <param name="bounds">The upper bound of each bucket, ascending.</param>
internal sealed class Histogram(double[] bounds)
{
    private readonly long[] _buckets = new long[bounds.Length + 1];
    private long _millionths;

    public void Add(double value)
    {
        var index = 0;
        while (index < bounds.Length && value > bounds[index])
        {
            index++;
        }
        Interlocked.Increment(ref _buckets[index]);
        Interlocked.Add(ref _millionths, (long)(value * 1e6));
    }

    /// <summary>Writes the sum of several with the same bounds in Prometheus' text format.</summary>
    public static void Write(StringBuilder text, string name, string help, string labels, IEnumerable<Histogram> histograms)
    {
        var parts = histograms.ToArray();
        DnsMetrics.Head(text, name, "histogram", help);
        var bounds = parts[0].Bounds;
        var cumulative = 0L;
        for (var i = 0; i <= bounds.Length; i++)
        {
            cumulative += parts.Sum(part => Interlocked.Read(ref part._buckets[i]));
            var bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            DnsMetrics.Line(text, $"{name}_bucket", $"{labels},le=\"{bound}\"", cumulative);
        }
        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{{{labels}}} {parts.Sum(static part => Interlocked.Read(ref part._millionths)) / 1e6}\n");
        DnsMetrics.Line(text, $"{name}_count", labels, cumulative);
    }

    private double[] Bounds => bounds;
}
