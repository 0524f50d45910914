using System.Globalization;
using System.Text;
using System.Text.Json;
using Kybernet.Api.Json;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Runtime;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>Answers with figures: what containers use, and which pods there are.</summary>
internal sealed class StatsEndpoints(IContainerRuntime runtime, Machine machine, KubeletOptions options, TimeProvider time)
{
    public async Task PodsAsync(HttpContext context, PodManager pods)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.Body, ModelJson.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("kind", "PodList");
        writer.WriteString("apiVersion", "v1");
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        writer.WriteStartArray("items");
        foreach (var pod in pods.List())
        {
            pod.WriteTo(writer);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    public async Task SummaryAsync(HttpContext context)
    {
        var usage = await runtime.ListUsageAsync(context.RequestAborted);
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.Body, ModelJson.WriterOptions);
        writer.WriteStartObject();
        WriteNode(writer);
        writer.WriteStartArray("pods");
        foreach (var pod in usage.GroupBy(container => container.Pod))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("podRef");
            writer.WriteString("name", pod.Key.Name);
            writer.WriteString("namespace", pod.Key.Namespace);
            writer.WriteString("uid", pod.Key.Uid);
            writer.WriteEndObject();
            writer.WriteStartArray("containers");
            foreach (var container in pod)
            {
                WriteContainer(writer, container);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    public async Task ResourceMetricsAsync(HttpContext context)
    {
        var text = new StringBuilder();
        text.Append("# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds\n");
        text.Append("# TYPE container_cpu_usage_seconds_total counter\n");
        var usage = await runtime.ListUsageAsync(context.RequestAborted);
        foreach (var container in usage)
        {
            Append(text, "container_cpu_usage_seconds_total", container, (container.CpuNanoseconds / 1e9).ToString("0.######", CultureInfo.InvariantCulture));
        }
        text.Append("# HELP container_memory_working_set_bytes [STABLE] Current working set of the container in bytes\n");
        text.Append("# TYPE container_memory_working_set_bytes gauge\n");
        foreach (var container in usage)
        {
            Append(text, "container_memory_working_set_bytes", container, container.WorkingSetBytes.ToString(CultureInfo.InvariantCulture));
        }
        text.Append("# HELP node_memory_working_set_bytes [STABLE] Current working set of the node in bytes\n");
        text.Append("# TYPE node_memory_working_set_bytes gauge\n");
        text.Append(CultureInfo.InvariantCulture, $"node_memory_working_set_bytes {machine.MemoryBytes - Machine.AvailableMemory()}\n");
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }

    private static void Append(StringBuilder text, string metric, ContainerUsage container, string value) => text.Append(
        CultureInfo.InvariantCulture,
        $"{metric}{{container=\"{container.Name}\",namespace=\"{container.Pod.Namespace}\",pod=\"{container.Pod.Name}\"}} {value} {container.Timestamp.ToUnixTimeMilliseconds()}\n");

    private void WriteNode(Utf8JsonWriter writer)
    {
        var disk = machine.Disk();
        var available = Machine.AvailableMemory();
        var now = Time(time.GetUtcNow());
        writer.WriteStartObject("node");
        writer.WriteString("nodeName", options.NodeName);
        writer.WriteStartObject("memory");
        writer.WriteString("time", now);
        writer.WriteNumber("availableBytes", available);
        writer.WriteNumber("workingSetBytes", machine.MemoryBytes - available);
        writer.WriteEndObject();
        writer.WriteStartObject("fs");
        writer.WriteString("time", now);
        writer.WriteNumber("availableBytes", disk.Available);
        writer.WriteNumber("capacityBytes", disk.TotalSize);
        writer.WriteNumber("usedBytes", disk.TotalSize - disk.Available);
        writer.WriteNumber("inodes", disk.TotalInodes);
        writer.WriteNumber("inodesFree", disk.FreeInodes);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteContainer(Utf8JsonWriter writer, ContainerUsage container)
    {
        var at = Time(container.Timestamp);
        writer.WriteStartObject();
        writer.WriteString("name", container.Name);
        writer.WriteStartObject("cpu");
        writer.WriteString("time", at);
        writer.WriteNumber("usageCoreNanoSeconds", container.CpuNanoseconds);
        writer.WriteEndObject();
        writer.WriteStartObject("memory");
        writer.WriteString("time", at);
        writer.WriteNumber("usageBytes", container.UsageBytes);
        writer.WriteNumber("workingSetBytes", container.WorkingSetBytes);
        writer.WriteEndObject();
        writer.WriteStartObject("rootfs");
        writer.WriteString("time", at);
        writer.WriteNumber("usedBytes", container.RootFilesystemBytes);
        writer.WriteNumber("inodesUsed", container.RootFilesystemInodes);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
