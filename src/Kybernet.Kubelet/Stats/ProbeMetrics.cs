using Kybernet.Kubelet.Probes;

namespace Kybernet.Kubelet.Stats;

/// <summary>Writes what upstream's <c>/metrics/probes</c> says.</summary>
internal static class ProbeMetrics
{
    private const string Name = "prober_probe_total";

    public static string Write(IEnumerable<(ProbeSubject Subject, ProbeKey Key, long Successes, long Failures)> counts)
    {
        var text = new MetricsText();
        text.Begin(Name, "counter", "[BETA] Cumulative number of a liveness, readiness or startup probe for a container by result.");
        foreach (var (subject, key, successes, failures) in counts)
        {
            Add(text, subject, key, "successful", successes);
            Add(text, subject, key, "failed", failures);
        }
        return text.ToString();
    }

    private static void Add(MetricsText text, ProbeSubject subject, ProbeKey key, string result, long count)
    {
        if (count > 0)
        {
            var labels = MetricsText.Labels(
                ("container", key.Container),
                ("namespace", subject.Pod.Metadata.Namespace ?? ""),
                ("pod", subject.Pod.Metadata.Name ?? ""),
                ("pod_uid", key.PodUid),
                ("probe_type", key.Kind.ToString()),
                ("result", result));
            text.Add(Name, labels, count);
        }
    }
}
