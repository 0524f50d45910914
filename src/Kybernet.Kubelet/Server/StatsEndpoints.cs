using System.Globalization;
using System.Text.Json;
using Kybernet.Api.Json;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Probes;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Stats;
using Kybernet.Kubelet.Volumes.Csi;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>Answers with figures: what the node and its containers use, and how the kubelet itself is doing.</summary>
internal sealed class StatsEndpoints(
    UsageSampler usage,
    CsiVolumeStats volumes,
    ContainerMetrics containers,
    OwnMetrics own,
    ProbeManager probes,
    PodManager pods,
    Machine machine,
    KubeletOptions options,
    TimeProvider time)
{
    public async Task SummaryAsync(HttpContext context)
    {
        var sample = await usage.ReadAsync(context.RequestAborted);
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.Body, ModelJson.WriterOptions);
        writer.WriteStartObject();
        WriteNode(writer, sample);
        writer.WriteStartArray("pods");
        foreach (var pod in sample.Containers.GroupBy(container => container.Pod))
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
                WriteContainer(writer, container, sample.NanoCoresOf(container));
            }
            writer.WriteEndArray();
            WriteVolumes(writer, pod.Key, await volumes.ReadAsync(pod.Key.Uid, context.RequestAborted));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    public async Task ResourceMetricsAsync(HttpContext context)
    {
        var sample = await usage.ReadAsync(context.RequestAborted);
        await RespondAsync(context, ResourceMetrics.Write(sample, machine.MemoryBytes - Machine.AvailableMemory()));
    }

    public async Task ContainerMetricsAsync(HttpContext context)
    {
        var sample = await usage.ReadAsync(context.RequestAborted);
        await RespondAsync(context, containers.Write(sample, pods.List()));
    }

    public async Task OwnMetricsAsync(HttpContext context) => await RespondAsync(context, await own.WriteAsync(context.RequestAborted));

    public Task ProbeMetricsAsync(HttpContext context) => RespondAsync(context, ProbeMetrics.Write(probes.Counts));

    private static Task RespondAsync(HttpContext context, string metrics) =>
        PlainText.RespondAsync(context, StatusCodes.Status200OK, metrics, MetricsText.ContentType);

    private void WriteNode(Utf8JsonWriter writer, UsageSample sample)
    {
        var disk = machine.Disk();
        var available = Machine.AvailableMemory();
        var now = Time(time.GetUtcNow());
        writer.WriteStartObject("node");
        writer.WriteString("nodeName", options.NodeName);
        WriteCpu(writer, now, sample.NodeNanoCores, sample.NodeCpuNanoseconds);
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

    private static void WriteContainer(Utf8JsonWriter writer, ContainerUsage container, ulong? nanoCores)
    {
        var at = Time(container.Timestamp);
        writer.WriteStartObject();
        writer.WriteString("name", container.Name);
        WriteCpu(writer, at, nanoCores, container.CpuNanoseconds);
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

    private void WriteVolumes(Utf8JsonWriter writer, PodIdentity pod, IReadOnlyList<CsiVolumeUsage> usages)
    {
        if (usages.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("volume");
        foreach (var usage in usages)
        {
            writer.WriteStartObject();
            writer.WriteString("name", usage.Volume);
            writer.WriteString("time", Time(time.GetUtcNow()));
            if (usage.Bytes is { } bytes)
            {
                writer.WriteNumber("availableBytes", bytes.Available);
                writer.WriteNumber("capacityBytes", bytes.Total);
                writer.WriteNumber("usedBytes", bytes.Used);
            }
            if (usage.Inodes is { } inodes)
            {
                writer.WriteNumber("inodesFree", inodes.Available);
                writer.WriteNumber("inodes", inodes.Total);
                writer.WriteNumber("inodesUsed", inodes.Used);
            }
            var spec = pods.Find(pod.Namespace, pod.Name)?.Pod?.Spec.Volumes.FirstOrDefault(volume => volume.Name == usage.Volume);
            if (spec?.PersistentVolumeClaim is { } claim)
            {
                writer.WriteStartObject("pvcRef");
                writer.WriteString("name", claim.ClaimName);
                writer.WriteString("namespace", pod.Namespace);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteCpu(Utf8JsonWriter writer, string at, ulong? nanoCores, ulong nanoseconds)
    {
        writer.WriteStartObject("cpu");
        writer.WriteString("time", at);
        if (nanoCores is { } rate)
        {
            writer.WriteNumber("usageNanoCores", rate);
        }
        writer.WriteNumber("usageCoreNanoSeconds", nanoseconds);
        writer.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
