using System.Globalization;
using System.Text;

namespace Kybernet.Network.Services.Health;

/// <summary>Counts durations in buckets from a millisecond upwards, each twice the one before, as upstream's proxy does.</summary>
internal sealed class DurationHistogram
{
    private const int Buckets = 15;

    private readonly long[] _counts = new long[Buckets + 1];
    private double _sum;

    public void Add(TimeSpan duration)
    {
        var bucket = 0;
        while (bucket < Buckets && duration.TotalSeconds > Bound(bucket))
        {
            bucket++;
        }
        _counts[bucket]++;
        _sum += duration.TotalSeconds;
    }

    public void Write(StringBuilder text, string name, string help)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} histogram\n");
        var total = 0L;
        for (var bucket = 0; bucket <= Buckets; bucket++)
        {
            total += _counts[bucket];
            var bound = bucket == Buckets ? "+Inf" : Bound(bucket).ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{bound}\"}} {total}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"{name}_sum {_sum}\n{name}_count {total}\n");
    }

    private static double Bound(int bucket) => 0.001 * (1 << bucket);
}
