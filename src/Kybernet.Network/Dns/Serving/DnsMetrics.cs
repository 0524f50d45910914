using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Serving;

/// <summary>
/// Counts questions and answers under CoreDNS's names. Each listener has an instance of its own, so that none waits for a count that another
/// processor holds; they are added up when somebody looks.
/// </summary>
internal sealed class DnsMetrics
{
    private const string Server = "server=\"dns://:53\",zone=\".\",view=\"\"";

    private static readonly double[] Seconds = [.. Enumerable.Range(0, 16).Select(static i => 0.00025 * Math.Pow(2, i))];
    private static readonly double[] Bytes = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16000, 32000, 48000, 64000];
    private static readonly RecordType[] Types =
        [RecordType.A, RecordType.Aaaa, RecordType.Srv, RecordType.Ptr, RecordType.Cname, RecordType.Txt, RecordType.Soa, RecordType.Ns, RecordType.Mx, RecordType.Any];
    private static readonly string[] Codes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
    private static readonly string[] Protocols = ["udp", "tcp"];
    private static readonly string[] Sources = ["kubernetes", "cache", "forward", "autopath", ""];

    private readonly long[] _requests = new long[Protocols.Length * (Types.Length + 1)];
    private readonly long[] _responses = new long[Codes.Length * Sources.Length];
    private readonly Histogram _durations = new(Seconds);
    private readonly Histogram _requestSizes = new(Bytes);
    private readonly Histogram _responseSizes = new(Bytes);
    private long _faults;

    /// <summary>Counts a question that was answered.</summary>
    public void Count(RecordType type, bool isStream, int requestSize, ReadOnlySpan<byte> response, AnswerSource source, TimeSpan duration)
    {
        var index = Array.IndexOf(Types, type);
        Interlocked.Increment(ref _requests[((isStream ? 1 : 0) * (Types.Length + 1)) + (index < 0 ? Types.Length : index)]);
        var code = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(response[2..]) & HeaderFlags.CodeMask, Codes.Length - 1);
        Interlocked.Increment(ref _responses[(code * Sources.Length) + (int)source]);
        _durations.Add(duration.TotalSeconds);
        _requestSizes.Add(requestSize);
        _responseSizes.Add(response.Length);
    }

    /// <summary>Counts a question that could not be answered because of a fault of ours.</summary>
    public void CountFault() => Interlocked.Increment(ref _faults);

    /// <summary>Writes the sums of several in Prometheus' text format.</summary>
    public static void Write(IReadOnlyList<DnsMetrics> parts, StringBuilder text)
    {
        Head(text, "coredns_dns_requests_total", "counter", "Questions by protocol and type.");
        for (var i = 0; i < Protocols.Length * (Types.Length + 1); i++)
        {
            var type = i % (Types.Length + 1) is var index && index < Types.Length ? Types[index].ToString().ToUpperInvariant() : "other";
            Line(text, "coredns_dns_requests_total", $"{Server},proto=\"{Protocols[i / (Types.Length + 1)]}\",family=\"1\",type=\"{type}\"", parts.Sum(part => part._requests[i]));
        }
        Head(text, "coredns_dns_responses_total", "counter", "Answers by code and by who gave them.");
        for (var i = 0; i < Codes.Length * Sources.Length; i++)
        {
            Line(text, "coredns_dns_responses_total", $"{Server},rcode=\"{Codes[i / Sources.Length]}\",plugin=\"{Sources[i % Sources.Length]}\"", parts.Sum(part => part._responses[i]));
        }
        var hits = parts.Sum(static part => part.AnswersFrom(AnswerSource.Cache));
        var misses = parts.Sum(static part => part.AnswersFrom(AnswerSource.Forward));
        Head(text, "coredns_cache_requests_total", "counter", "Questions about names outside the cluster.");
        Line(text, "coredns_cache_requests_total", "server=\"dns://:53\",zones=\".\",view=\"\"", hits + misses);
        Head(text, "coredns_cache_hits_total", "counter", "Those of them that needed no other server.");
        Line(text, "coredns_cache_hits_total", "server=\"dns://:53\",zones=\".\",view=\"\"", hits);
        Head(text, "coredns_cache_misses_total", "counter", "Those of them that another server was asked.");
        Line(text, "coredns_cache_misses_total", "server=\"dns://:53\",zones=\".\",view=\"\"", misses);
        Head(text, "coredns_panics_total", "counter", "Questions that could not be answered because of a fault.");
        text.Append(CultureInfo.InvariantCulture, $"coredns_panics_total {parts.Sum(static part => Interlocked.Read(ref part._faults))}\n");
        Head(text, "coredns_autopath_success_total", "counter", "Search paths that were walked to their end for a pod.");
        Line(text, "coredns_autopath_success_total", "server=\"dns://:53\"", parts.Sum(static part => part.AnswersFrom(AnswerSource.Autopath)));
        Histogram.Write(text, "coredns_dns_request_duration_seconds", "How long answers took.", Server, parts.Select(static part => part._durations));
        Histogram.Write(text, "coredns_dns_request_size_bytes", "The size of questions.", $"{Server},proto=\"udp\"", parts.Select(static part => part._requestSizes));
        Histogram.Write(text, "coredns_dns_response_size_bytes", "The size of answers.", $"{Server},proto=\"udp\"", parts.Select(static part => part._responseSizes));
    }

    /// <summary>Writes what precedes a metric's values.</summary>
    public static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    /// <summary>Writes a value.</summary>
    public static void Line(StringBuilder text, string name, string labels, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value}\n");

    private long AnswersFrom(AnswerSource source)
    {
        var sum = 0L;
        for (var code = 0; code < Codes.Length; code++)
        {
            sum += Interlocked.Read(ref _responses[(code * Sources.Length) + (int)source]);
        }
        return sum;
    }
}
