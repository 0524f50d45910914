using System.Text.Json.Nodes;

namespace Kybernet.Client.Tests;

/// <summary>Merge patches, and strategic ones as far as the client's own need: owner references merge by uid, conditions by type.</summary>
internal static class FakePatch
{
    public static JsonObject Apply(JsonObject current, ApiCall call)
    {
        var patch = JsonNode.Parse(call.Body.Span)!;
        if (patch is JsonArray)
        {
            throw new NotSupportedException("JSON patches are not what these tests are about");
        }
        var isStrategic = call.ContentType.Contains("strategic", StringComparison.Ordinal);
        return Merge(current.DeepClone(), patch, isStrategic, "").AsObject();
    }

    private static JsonNode Merge(JsonNode? target, JsonNode patch, bool isStrategic, string name)
    {
        if (patch is JsonArray items && isStrategic && KeyOf(name) is { } key)
        {
            return MergeList(target as JsonArray ?? [], items, key);
        }
        if (isStrategic && patch is JsonArray { Count: > 0 } replacement && replacement[0] is JsonObject first && first["$patch"]?.GetValue<string>() == "replace")
        {
            var replaced = replacement.DeepClone().AsArray();
            replaced.RemoveAt(0);
            return replaced;
        }
        if (patch is not JsonObject fields)
        {
            return patch.DeepClone();
        }
        var result = target as JsonObject ?? [];
        foreach (var (field, value) in fields)
        {
            if (value is null)
            {
                result.Remove(field);
                continue;
            }
            result[field] = Merge(result[field], value, isStrategic, field) is var merged && merged.Parent is null ? merged : merged.DeepClone();
        }
        return result;
    }

    private static string? KeyOf(string name) => name switch { "ownerReferences" => "uid", "conditions" => "type", _ => null };

    private static JsonArray MergeList(JsonArray target, JsonArray patch, string key)
    {
        var result = target.DeepClone().AsArray();
        foreach (var item in patch)
        {
            var wanted = item!.AsObject();
            var known = result.FirstOrDefault(one => one![key]!.GetValue<string>() == wanted[key]!.GetValue<string>());
            if (wanted["$patch"]?.GetValue<string>() == "delete")
            {
                result.Remove(known);
            }
            else if (known is not null)
            {
                Merge(known, wanted, true, "");
            }
            else
            {
                result.Add(wanted.DeepClone());
            }
        }
        return result;
    }
}
