using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>Counts how pods were judged, and writes the counts in Prometheus' text format, under upstream's names.</summary>
internal sealed class PodSecurityMetrics
{
    /// <summary>The release that the server is of: what is asked of pods later is nothing to count apart.</summary>
    private static readonly PolicyVersion Own = new(36);

    private readonly ConcurrentDictionary<string, Counter> _evaluations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Counter> _exemptions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Counter> _errors = new(StringComparer.Ordinal);

    /// <summary>A pod was judged.</summary>
    public void CountEvaluation(AdmissionRequest request, string mode, LevelVersion policy, bool isAllowed)
    {
        var version = policy.Version == PolicyVersion.Latest || policy.Level == PodSecurityLevel.Privileged ? "latest"
            : policy.Version.CompareTo(Own) > 0 ? "future" : policy.Version.ToString();
        Count(_evaluations, $"decision=\"{(isAllowed ? "allow" : "deny")}\",mode=\"{mode}\",policy_level=\"{LevelVersion.NameOf(policy.Level)}\",policy_version=\"{version}\",{Labels(request)}");
    }

    /// <summary>A request was not looked at.</summary>
    public void CountExemption(AdmissionRequest request) => Count(_exemptions, Labels(request));

    /// <summary>Something was in the way of judging: whether that was the end of the request is said too.</summary>
    public void CountError(AdmissionRequest request, bool isFatal) => Count(_errors, $"fatal=\"{(isFatal ? "true" : "false")}\",{Labels(request)}");

    /// <summary>Writes all counts.</summary>
    public void WriteTo(StringBuilder text)
    {
        Write(text, "pod_security_evaluations_total", "Policy evaluations, without requests that were exempt or ignored.", _evaluations);
        Write(text, "pod_security_exemptions_total", "Requests that were exempt.", _exemptions);
        Write(text, "pod_security_errors_total", "Errors that kept from evaluating as usual.", _errors);
    }

    private static string Labels(AdmissionRequest request) =>
        $"request_operation=\"{(request.Operation == AdmissionOperation.Create ? "create" : "update")}\",resource=\"{(request.Resource.Resource == "pods" ? "pod" : "controller")}\",subresource=\"{request.Subresource}\"";

    private static void Count(ConcurrentDictionary<string, Counter> counts, string labels) =>
        Interlocked.Increment(ref counts.GetOrAdd(labels, static _ => new Counter()).Value);

    private static void Write(StringBuilder text, string name, string help, ConcurrentDictionary<string, Counter> counts)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} counter\n");
        foreach (var (labels, count) in counts.ToArray())
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {Interlocked.Read(ref count.Value)}\n");
        }
    }

    private sealed class Counter
    {
        public long Value;
    }
}
