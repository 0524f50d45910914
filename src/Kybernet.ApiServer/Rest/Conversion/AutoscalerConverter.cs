using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Rest.Conversion;

/// <summary>
/// <c>autoscaling/v1</c> autoscalers, which are stored as <c>autoscaling/v2</c> ones. The older version knows one metric, the CPU's utilisation; what it
/// has no field for, it carries as JSON in annotations, as upstream does.
/// </summary>
internal sealed class AutoscalerConverter : IVersionConverter
{
    private const string Prefix = "autoscaling.alpha.kubernetes.io/";

    /// <inheritdoc/>
    public void ToStorage(JsonObject item)
    {
        item["apiVersion"] = "autoscaling/v2";
        var annotations = item["metadata"]?["annotations"] as JsonObject;
        if (item["spec"] is JsonObject spec)
        {
            var metrics = TakeArray(annotations, "metrics");
            if (spec.Remove("targetCPUUtilizationPercentage", out var target) && target is not null)
            {
                metrics.Insert(0, CpuMetric("target", "averageUtilization", target, ("type", "Utilization")));
            }
            if (metrics.Count > 0)
            {
                spec["metrics"] = metrics;
            }
            if (Take(annotations, "behavior") is { } behavior)
            {
                spec["behavior"] = behavior;
            }
        }
        if (item["status"] is JsonObject status)
        {
            var metrics = TakeArray(annotations, "current-metrics");
            if (status.Remove("currentCPUUtilizationPercentage", out var current) && current is not null)
            {
                metrics.Insert(0, CpuMetric("current", "averageUtilization", current));
            }
            if (metrics.Count > 0)
            {
                status["currentMetrics"] = metrics;
            }
            status["conditions"] = TakeArray(annotations, "conditions");
        }
        if (annotations is { Count: 0 })
        {
            item["metadata"]!.AsObject().Remove("annotations");
        }
    }

    /// <inheritdoc/>
    public void FromStorage(JsonObject item)
    {
        item["apiVersion"] = "autoscaling/v1";
        if (item["spec"] is JsonObject spec)
        {
            SplitCpu(item, spec, "metrics", "target", "targetCPUUtilizationPercentage", "metrics");
            if (spec.Remove("behavior", out var behavior))
            {
                Annotate(item, "behavior", behavior);
            }
        }
        if (item["status"] is JsonObject status)
        {
            SplitCpu(item, status, "currentMetrics", "current", "currentCPUUtilizationPercentage", "current-metrics");
            if (status.Remove("conditions", out var conditions) && conditions is JsonArray { Count: > 0 })
            {
                Annotate(item, "conditions", conditions);
            }
        }
    }

    /// <summary>The CPU's utilisation goes to the field that the older version has for it, the other metrics to an annotation.</summary>
    private static void SplitCpu(JsonObject item, JsonObject part, string field, string value, string cpuField, string annotation)
    {
        if (!part.Remove(field, out var list) || list is not JsonArray metrics)
        {
            return;
        }
        var rest = new JsonArray();
        foreach (var metric in metrics)
        {
            if ((string?)metric?["resource"]?["name"] == "cpu" && metric["resource"]?[value]?["averageUtilization"] is { } utilization && !part.ContainsKey(cpuField))
            {
                part[cpuField] = utilization.DeepClone();
                continue;
            }
            rest.Add(metric?.DeepClone());
        }
        if (rest.Count > 0)
        {
            Annotate(item, annotation, rest);
        }
    }

    private static JsonNode CpuMetric(string part, string field, JsonNode value, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var inner = new JsonObject { [field] = value };
        foreach (var (name, text) in more)
        {
            inner[name] = text;
        }
        return new JsonObject { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", [part] = inner } };
    }

    private static void Annotate(JsonObject item, string name, JsonNode? value)
    {
        if (value is null)
        {
            return;
        }
        var metadata = MetadataTree.Of(item);
        var annotations = metadata["annotations"] as JsonObject ?? [];
        metadata["annotations"] = annotations;
        annotations[Prefix + name] = value.ToJsonString();
    }

    private static JsonNode? Take(JsonObject? annotations, string name)
    {
        if (annotations is null || !annotations.Remove(Prefix + name, out var text) || text is null)
        {
            return null;
        }
        try
        {
            return JsonNode.Parse((string)text!);
        }
        catch (JsonException)
        {
            return null; // written by hand, and wrong: it says nothing
        }
    }

    private static JsonArray TakeArray(JsonObject? annotations, string name) => Take(annotations, name) as JsonArray ?? [];
}
