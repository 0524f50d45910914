using System.Globalization;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Rest;

/// <summary>Reads and writes an object's metadata in a tree.</summary>
internal static class MetadataTree
{
    /// <summary>The object's metadata, made where it is missing.</summary>
    public static JsonObject Of(JsonObject item)
    {
        if (item["metadata"] is JsonObject metadata)
        {
            return metadata;
        }
        metadata = [];
        item["metadata"] = metadata;
        return metadata;
    }

    /// <summary>A string; empty where it is missing.</summary>
    public static string Text(JsonObject metadata, string field) =>
        metadata[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    /// <summary>A number; null where it is missing.</summary>
    public static long? Number(JsonObject metadata, string field) =>
        JsonValues.TryInt64(metadata[field], out var number) ? number : null;

    /// <summary>The names of those who have to do something before the object may go.</summary>
    public static IReadOnlyList<string> Finalizers(JsonObject metadata) => metadata["finalizers"] is JsonArray { Count: > 0 } list
        ? list.Select(item => item?.GetValue<string>() ?? "").ToArray()
        : [];

    /// <summary>Replaces the finalizers; none removes the field.</summary>
    public static void SetFinalizers(JsonObject metadata, IReadOnlyList<string> finalizers)
    {
        metadata.Remove("finalizers");
        if (finalizers.Count > 0)
        {
            metadata["finalizers"] = new JsonArray(finalizers.Select(name => (JsonNode)JsonValue.Create(name)).ToArray());
        }
    }

    /// <summary>Takes a field over from another object's metadata, its absence included.</summary>
    public static void Restore(JsonObject metadata, JsonObject from, string field)
    {
        metadata.Remove(field);
        if (from[field] is { } value)
        {
            metadata[field] = value.DeepClone();
        }
    }

    /// <summary>Takes a field of the whole object over from another, its absence included.</summary>
    public static void RestorePart(JsonObject item, JsonObject from, string field) => Restore(item, from, field);

    /// <summary>A time as metadata has it.</summary>
    public static JsonNode Time(DateTimeOffset time) =>
        JsonValue.Create(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
