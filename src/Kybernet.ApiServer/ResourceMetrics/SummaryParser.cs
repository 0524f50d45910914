using System.Text.Json;
using Kybernet.Api.Times;

namespace Kybernet.ApiServer.ResourceMetrics;

/// <summary>Reads what a kubelet answers at <c>/stats/summary</c>.</summary>
internal static class SummaryParser
{
    /// <exception cref="JsonException">It is no summary.</exception>
    public static NodeUsage Parse(string nodeName, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var pods = new List<PodUsage>();
        if (root.TryGetProperty("pods", out var list))
        {
            foreach (var pod in list.EnumerateArray())
            {
                if (PodOf(pod) is { } usage)
                {
                    pods.Add(usage);
                }
            }
        }
        return new NodeUsage(nodeName, root.TryGetProperty("node", out var node) ? UsageOf(node) : null, pods);
    }

    private static PodUsage? PodOf(JsonElement pod)
    {
        var containers = new List<KeyValuePair<string, Usage>>();
        if (pod.TryGetProperty("containers", out var list))
        {
            foreach (var container in list.EnumerateArray())
            {
                // A sum without one of its parts would say that the pod uses less than it does.
                if (UsageOf(container) is not { } usage)
                {
                    return null;
                }
                containers.Add(new(container.GetProperty("name").GetString()!, usage));
            }
        }
        var reference = pod.GetProperty("podRef");
        return containers.Count == 0
            ? null
            : new PodUsage(reference.GetProperty("namespace").GetString()!, reference.GetProperty("name").GetString()!, reference.GetProperty("uid").GetString()!, containers);
    }

    private static Usage? UsageOf(JsonElement measured) =>
        measured.TryGetProperty("cpu", out var cpu) && cpu.TryGetProperty("usageNanoCores", out var nanoCores)
        && measured.TryGetProperty("memory", out var memory) && memory.TryGetProperty("workingSetBytes", out var workingSet)
        && Rfc3339.TryParse(cpu.GetProperty("time").GetString() ?? "", out var at)
            ? new Usage(at, nanoCores.GetInt64(), workingSet.GetInt64())
            : null;
}
