using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Times;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.ResourceMetrics;

/// <summary>A NodeMetrics or PodMetrics.</summary>
/// <param name="Known">The node or pod, whose name and labels it has.</param>
/// <param name="Usage">Of a node, what it uses; of a pod, the oldest of what its containers use, which says when it was measured.</param>
/// <param name="Containers">The containers of a pod; empty for a node.</param>
internal sealed record MetricsObject(EncodedObject Known, Usage Usage, IReadOnlyList<KeyValuePair<string, Usage>> Containers)
{
    /// <summary>The value of a field that may be selected by.</summary>
    /// <exception cref="ApiError">400: there is no such field.</exception>
    public string FieldOf(string field) => field switch
    {
        "metadata.name" => Known.Key.Name,
        "metadata.namespace" => Known.Key.Namespace,
        _ => throw ApiError.BadRequest($"field label not supported: {field}"),
    };

    public void Write(Utf8JsonWriter writer, GroupVersionKind kind)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, kind.Kind);
        writer.WriteString("apiVersion"u8, kind.GroupVersion.ToString());
        WriteMetadata(writer);
        writer.WriteString("timestamp"u8, Rfc3339.Format(Usage.At));
        writer.WriteString("window"u8, $"{(int)KubeletSummaries.Window.TotalSeconds}s");
        if (Containers.Count == 0)
        {
            WriteUsage(writer, Usage);
        }
        else
        {
            writer.WriteStartArray("containers"u8);
            foreach (var (name, usage) in Containers)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, name);
                WriteUsage(writer, usage);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private void WriteMetadata(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("metadata"u8);
        writer.WriteString("name"u8, Known.Key.Name);
        if (Known.Key.Namespace.Length > 0)
        {
            writer.WriteString("namespace"u8, Known.Key.Namespace);
        }
        writer.WriteString("creationTimestamp"u8, Rfc3339.Format(Usage.At));
        if (Known.Header.Labels.Count > 0)
        {
            writer.WriteStartObject("labels"u8);
            foreach (var (name, value) in Known.Header.Labels)
            {
                writer.WriteString(name, value);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter writer, Usage usage)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteString("cpu"u8, new Quantity(usage.NanoCores, -9, QuantityFormat.DecimalSI).ToString());
        writer.WriteString("memory"u8, new Quantity(usage.WorkingSetBytes, QuantityFormat.BinarySI).ToString());
        writer.WriteEndObject();
    }
}
