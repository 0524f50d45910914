using System.Diagnostics;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Stats;

/// <summary>Writes how the kubelet itself is doing, by upstream's names.</summary>
internal sealed class OwnMetrics(IContainerRuntime runtime, PodManager pods, KubeletOptions options)
{
    /// <exception cref="ContainerRuntimeException">The runtime does not say what runs.</exception>
    public async Task<string> WriteAsync(CancellationToken cancellationToken)
    {
        var text = new MetricsText();
        text.Begin("kubelet_node_name", "gauge", "[ALPHA] The node's name. The count is always 1.").Add("kubelet_node_name", MetricsText.Labels(("node", options.NodeName)), 1);
        text.Begin("kubelet_desired_pods", "gauge", "[ALPHA] The number of pods the kubelet is being instructed to run.")
            .Add("kubelet_desired_pods", MetricsText.Labels(("static", "")), pods.List().Count);
        await WriteRunningAsync(text, cancellationToken);
        text.Begin("kubernetes_build_info", "gauge", "[BETA] A metric with a constant '1' value labeled by version.")
            .Add("kubernetes_build_info", MetricsText.Labels(("git_version", options.Version)), 1);
        WriteProcess(text);
        return text.ToString();
    }

    private async Task WriteRunningAsync(MetricsText text, CancellationToken cancellationToken)
    {
        var sandboxes = await runtime.ListSandboxesAsync(null, cancellationToken);
        text.Begin("kubelet_running_pods", "gauge", "[ALPHA] Number of pods that have a running pod sandbox").Add("kubelet_running_pods", "", sandboxes.Count(static sandbox => sandbox.IsReady));
        var containers = await runtime.ListContainersAsync(null, cancellationToken);
        text.Begin("kubelet_running_containers", "gauge", "[ALPHA] Number of containers currently running");
        foreach (var state in containers.GroupBy(static container => container.State))
        {
            text.Add("kubelet_running_containers", MetricsText.Labels(("container_state", state.Key.ToString().ToLowerInvariant())), state.Count());
        }
    }

    private static void WriteProcess(MetricsText text)
    {
        using var process = Process.GetCurrentProcess();
        text.Begin("process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.").Add("process_cpu_seconds_total", "", process.TotalProcessorTime.TotalSeconds);
        text.Begin("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.").Add("process_resident_memory_bytes", "", process.WorkingSet64);
        text.Begin("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.")
            .Add("process_start_time_seconds", "", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
    }
}
