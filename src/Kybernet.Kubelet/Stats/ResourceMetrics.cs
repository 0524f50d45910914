using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Stats;

/// <summary>Writes what upstream's <c>/metrics/resource</c> says.</summary>
internal static class ResourceMetrics
{
    public static string Write(UsageSample sample, long nodeMemoryBytes)
    {
        var text = new MetricsText();
        const string containerCpu = "container_cpu_usage_seconds_total";
        text.Begin(containerCpu, "counter", "[STABLE] Cumulative cpu time consumed by the container in core-seconds");
        foreach (var container in sample.Containers)
        {
            text.Add(containerCpu, Labels(container), container.CpuNanoseconds / 1e9, container.Timestamp);
        }
        const string containerMemory = "container_memory_working_set_bytes";
        text.Begin(containerMemory, "gauge", "[STABLE] Current working set of the container in bytes");
        foreach (var container in sample.Containers)
        {
            text.Add(containerMemory, Labels(container), container.WorkingSetBytes, container.Timestamp);
        }
        const string nodeCpu = "node_cpu_usage_seconds_total";
        text.Begin(nodeCpu, "counter", "[STABLE] Cumulative cpu time consumed by the node in core-seconds").Add(nodeCpu, "", sample.NodeCpuNanoseconds / 1e9, sample.At);
        const string nodeMemory = "node_memory_working_set_bytes";
        text.Begin(nodeMemory, "gauge", "[STABLE] Current working set of the node in bytes").Add(nodeMemory, "", nodeMemoryBytes, sample.At);
        WritePods(text, sample);
        const string failure = "resource_scrape_error";
        text.Begin(failure, "gauge", "[STABLE] 1 if there was an error while getting container metrics, 0 otherwise").Add(failure, "", 0);
        return text.ToString();
    }

    private static void WritePods(MetricsText text, UsageSample sample)
    {
        var pods = sample.Containers.GroupBy(static container => container.Pod).ToArray();
        const string cpu = "pod_cpu_usage_seconds_total";
        text.Begin(cpu, "counter", "[STABLE] Cumulative cpu time consumed by the pod in core-seconds");
        foreach (var pod in pods)
        {
            text.Add(cpu, Labels(pod.Key), pod.Sum(static container => container.CpuNanoseconds / 1e9), sample.At);
        }
        const string memory = "pod_memory_working_set_bytes";
        text.Begin(memory, "gauge", "[STABLE] Current working set of the pod in bytes");
        foreach (var pod in pods)
        {
            text.Add(memory, Labels(pod.Key), pod.Sum(static container => (double)container.WorkingSetBytes), sample.At);
        }
    }

    private static string Labels(ContainerUsage container) =>
        MetricsText.Labels(("container", container.Name), ("namespace", container.Pod.Namespace), ("pod", container.Pod.Name));

    private static string Labels(PodIdentity pod) => MetricsText.Labels(("namespace", pod.Namespace), ("pod", pod.Name));
}
