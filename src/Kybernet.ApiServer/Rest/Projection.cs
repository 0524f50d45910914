using System.Buffers;
using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;

namespace Kybernet.ApiServer.Rest;

/// <summary>The form in which a client wants objects.</summary>
internal enum ProjectionKind
{
    /// <summary>As they are.</summary>
    Whole,

    /// <summary>As rows of a <c>Table</c>.</summary>
    Table,

    /// <summary>Their metadata alone.</summary>
    Metadata,
}

/// <summary>Reads the form out of an <c>Accept</c> header and writes objects in it (KEP-555, <c>meta.k8s.io/v1</c>).</summary>
internal static class Projection
{
    /// <summary>The first form in the header that is served; as they are where the header does not say.</summary>
    /// <param name="accept">The header.</param>
    /// <param name="isWatch">Whether it is a watch that is asked for: YAML has no way to tell where one event ends.</param>
    /// <exception cref="ApiError">406: none is.</exception>
    public static ProjectionKind Parse(string accept, bool isWatch = false)
    {
        if (accept.Length == 0)
        {
            return ProjectionKind.Whole;
        }
        foreach (var range in accept.Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "*/*" or "application/*") && (isWatch || parts[0] is not YamlAnswers.MediaType))
            {
                continue;
            }
            var form = parts.FirstOrDefault(part => part.StartsWith("as=", StringComparison.Ordinal));
            switch (form)
            {
                case null:
                    return ProjectionKind.Whole;
                case "as=Table" when parts.Contains("v=v1"):
                    return ProjectionKind.Table;
                case "as=PartialObjectMetadata" or "as=PartialObjectMetadataList" when parts.Contains("v=v1"):
                    return ProjectionKind.Metadata;
            }
        }
        throw ApiError.NotAcceptable(isWatch ? "application/json;stream=watch" : "application/json, application/yaml");
    }

    /// <summary>Writes objects as a table.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="items">The objects.</param>
    /// <param name="table">The kind's columns.</param>
    /// <param name="includeObject">What rows hold of their object: <c>Metadata</c>, <c>Object</c> or <c>None</c>.</param>
    /// <param name="list">The list's revision and token; null for an answer about one object.</param>
    /// <param name="withColumns">Whether the columns are told: a watch tells them once.</param>
    /// <param name="now">The time that ages are counted to.</param>
    public static void WriteTable(
        Utf8JsonWriter writer,
        IReadOnlyList<EncodedObject> items,
        TableDefinition table,
        string includeObject,
        ListResponse? list,
        bool withColumns,
        DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "Table"u8);
        writer.WriteString("apiVersion"u8, "meta.k8s.io/v1"u8);
        WriteListMetadata(writer, list, items);
        writer.WriteStartArray("columnDefinitions"u8);
        foreach (var column in withColumns ? table.Columns : [])
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, column.Name);
            writer.WriteString("type"u8, column.Type);
            writer.WriteString("format"u8, column.Format);
            writer.WriteString("description"u8, column.Description);
            writer.WriteNumber("priority"u8, column.Priority);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("rows"u8);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("cells"u8);
            foreach (var cell in table.Cells(item, now))
            {
                WriteCell(writer, cell);
            }
            writer.WriteEndArray();
            if (includeObject != "None")
            {
                writer.WritePropertyName("object"u8);
                WriteRowObject(writer, item, includeObject);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes an object's metadata alone.</summary>
    public static void WriteMetadata(Utf8JsonWriter writer, EncodedObject item)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "PartialObjectMetadata"u8);
        writer.WriteString("apiVersion"u8, "meta.k8s.io/v1"u8);
        writer.WritePropertyName("metadata"u8);
        writer.WriteRawValue(ObjectHeader.MetadataOf(item.Json.Span), skipInputValidation: true);
        writer.WriteEndObject();
    }

    /// <summary>Writes a list of objects' metadata.</summary>
    public static void WriteMetadataList(Utf8JsonWriter writer, ListResponse list)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "PartialObjectMetadataList"u8);
        writer.WriteString("apiVersion"u8, "meta.k8s.io/v1"u8);
        WriteListMetadata(writer, list, list.Items);
        writer.WriteStartArray("items"u8);
        foreach (var item in list.Items)
        {
            WriteMetadata(writer, item);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Builds a body.</summary>
    public static byte[] Build(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, ModelJson.WriterOptions))
        {
            write(writer);
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteListMetadata(Utf8JsonWriter writer, ListResponse? list, IReadOnlyList<EncodedObject> items)
    {
        writer.WriteStartObject("metadata"u8);
        writer.WriteString(
            "resourceVersion"u8,
            list is not null ? list.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)
                : items.Count > 0 ? items[0].Header.ResourceVersion : "");
        if (list is { Continue.Length: > 0 })
        {
            writer.WriteString("continue"u8, list.Continue);
        }
        if (list is { Remaining: { } remaining })
        {
            writer.WriteNumber("remainingItemCount"u8, remaining);
        }
        writer.WriteEndObject();
    }

    private static void WriteRowObject(Utf8JsonWriter writer, EncodedObject item, string includeObject)
    {
        if (includeObject == "Object")
        {
            writer.WriteRawValue(item.Json.Span, skipInputValidation: true);
            return;
        }
        WriteMetadata(writer, item);
    }

    private static void WriteCell(Utf8JsonWriter writer, object? cell)
    {
        switch (cell)
        {
            case null:
                writer.WriteNullValue();
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            default:
                writer.WriteStringValue(cell.ToString());
                break;
        }
    }
}
