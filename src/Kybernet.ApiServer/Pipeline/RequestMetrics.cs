using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Kybernet.ApiServer.Pipeline;

/// <summary>Counts requests and how long they took, and writes the counts in Prometheus' text format, under upstream's names.</summary>
internal sealed class RequestMetrics
{
    private static readonly double[] Bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

    private readonly ConcurrentDictionary<Series, Histogram> _series = new();

    /// <summary>Counts one request.</summary>
    public void Record(RequestInfo request, int code, TimeSpan duration)
    {
        var scope = request.Name.Length > 0 ? "resource" : request.Namespace.Length > 0 ? "namespace" : "cluster";
        var series = new Series(request.Verb, request.ApiGroup, request.ApiVersion, request.Resource, request.Subresource, request.IsResourceRequest ? scope : "", code);
        _series.GetOrAdd(series, static _ => new Histogram()).Add(duration.TotalSeconds);
    }

    /// <summary>Writes all counts.</summary>
    public void WriteTo(StringBuilder text)
    {
        var series = _series.ToArray();
        text.Append("# HELP apiserver_request_total Requests by verb, resource and status code.\n# TYPE apiserver_request_total counter\n");
        foreach (var (key, histogram) in series)
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_request_total{{{key.Labels},code=\"{key.Code}\"}} {histogram.Count}\n");
        }
        text.Append("# HELP apiserver_request_duration_seconds How long requests took.\n# TYPE apiserver_request_duration_seconds histogram\n");
        foreach (var group in series.GroupBy(item => item.Key with { Code = 0 }))
        {
            WriteHistogram(text, group.Key.Labels, group.Select(item => item.Value).ToArray());
        }
    }

    private static void WriteHistogram(StringBuilder text, string labels, Histogram[] parts)
    {
        var cumulative = 0L;
        for (var i = 0; i < Bounds.Length; i++)
        {
            cumulative += parts.Sum(part => part.Bucket(i));
            text.Append(CultureInfo.InvariantCulture, $"apiserver_request_duration_seconds_bucket{{{labels},le=\"{Bounds[i]}\"}} {cumulative}\n");
        }
        var count = parts.Sum(part => part.Count);
        text.Append(CultureInfo.InvariantCulture, $"apiserver_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {count}\n");
        text.Append(CultureInfo.InvariantCulture, $"apiserver_request_duration_seconds_sum{{{labels}}} {parts.Sum(part => part.Seconds)}\n");
        text.Append(CultureInfo.InvariantCulture, $"apiserver_request_duration_seconds_count{{{labels}}} {count}\n");
    }

    private readonly record struct Series(string Verb, string Group, string Version, string Resource, string Subresource, string Scope, int Code)
    {
        public string Labels =>
            $"verb=\"{Verb.ToUpperInvariant()}\",group=\"{Group}\",version=\"{Version}\",resource=\"{Resource}\",subresource=\"{Subresource}\",scope=\"{Scope}\"";
    }

    private sealed class Histogram
    {
        private readonly long[] _buckets = new long[Bounds.Length + 1];
        private long _microseconds;

        public long Count => _buckets.Sum(static bucket => bucket);

        public double Seconds => Interlocked.Read(ref _microseconds) / 1e6;

        public long Bucket(int index) => Interlocked.Read(ref _buckets[index]);

        public void Add(double seconds)
        {
            var index = Array.BinarySearch(Bounds, seconds);
            Interlocked.Increment(ref _buckets[index < 0 ? ~index : index]);
            Interlocked.Add(ref _microseconds, (long)(seconds * 1e6));
        }
    }
}
