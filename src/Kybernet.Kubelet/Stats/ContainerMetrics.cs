using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Stats;

/// <summary>Writes what upstream's <c>/metrics/cadvisor</c> says of containers and of the machine, with cAdvisor's names and labels.</summary>
internal sealed class ContainerMetrics(PodCgroups cgroups, Machine machine)
{
    private static readonly (string Name, string Type, string Help, Func<ContainerUsage, double> Value)[] Figures =
    [
        ("container_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed in seconds.", static usage => usage.CpuNanoseconds / 1e9),
        ("container_fs_usage_bytes", "gauge", "Number of bytes that are consumed by the container on this filesystem.", static usage => usage.RootFilesystemBytes),
        ("container_memory_usage_bytes", "gauge", "Current memory usage in bytes, including all memory regardless of when it was accessed", static usage => usage.UsageBytes),
        ("container_memory_working_set_bytes", "gauge", "Current working set in bytes.", static usage => usage.WorkingSetBytes),
    ];

    /// <param name="sample">What is used.</param>
    /// <param name="pods">The pods of the node.</param>
    public string Write(UsageSample sample, IReadOnlyList<Pod> pods)
    {
        var text = new MetricsText();
        var byUid = pods.ToDictionary(static pod => pod.Metadata.Uid ?? "", StringComparer.Ordinal);
        foreach (var (name, type, help, value) in Figures)
        {
            text.Begin(name, type, help);
            foreach (var usage in sample.Containers)
            {
                text.Add(name, Labels(usage, byUid.GetValueOrDefault(usage.Pod.Uid), name.Contains("_cpu_", StringComparison.Ordinal)), value(usage), usage.Timestamp);
            }
        }
        text.Begin("machine_cpu_cores", "gauge", "Number of logical CPU cores.").Add("machine_cpu_cores", "", machine.Processors);
        text.Begin("machine_memory_bytes", "gauge", "Amount of memory installed on the machine.").Add("machine_memory_bytes", "", machine.MemoryBytes);
        return text.ToString();
    }

    private string Labels(ContainerUsage usage, Pod? pod, bool isProcessor)
    {
        var id = pod is null ? "" : $"{cgroups.PathOf(pod)}/{usage.Id}";
        var image = pod is null ? "" : PodContainers.Find(pod, usage.Name)?.Container.Image ?? "";
        return isProcessor
            ? MetricsText.Labels(
                ("container", usage.Name), ("cpu", "total"), ("id", id), ("image", image), ("name", usage.Id), ("namespace", usage.Pod.Namespace), ("pod", usage.Pod.Name))
            : MetricsText.Labels(("container", usage.Name), ("id", id), ("image", image), ("name", usage.Id), ("namespace", usage.Pod.Namespace), ("pod", usage.Pod.Name));
    }
}
