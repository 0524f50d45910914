using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.Api.Json;

/// <summary>
/// Reads the values of a JSON tree whatever they are made of. A tree's number may be backed by an <c>int</c>, a <c>long</c>, a <c>double</c> or by
/// text, and <c>GetValue</c> answers to one of them only.
/// </summary>
public static class JsonValues
{
    /// <summary>The string; the JSON text of any other value; empty for null.</summary>
    public static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => node.ToJsonString(),
    };

    /// <summary>The string; null where the value is none.</summary>
    public static string? String(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? Text(value) : null;

    /// <summary>The whole number, if the value is one that fits.</summary>
    public static bool TryInt64(JsonNode? node, out long number)
    {
        number = 0;
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return false;
        }
        if (value.TryGetValue(out number))
        {
            return true;
        }
        if (value.TryGetValue<int>(out var small))
        {
            number = small;
            return true;
        }
        return long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The number, if the value is one.</summary>
    public static bool TryDouble(JsonNode? node, out double number)
    {
        number = 0;
        return node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The boolean; null where the value is none.</summary>
    public static bool? Bool(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
        : null;

    /// <summary>Makes an object what another is, which is left empty: for whoever holds on to the tree.</summary>
    public static void Replace(JsonObject item, JsonObject by)
    {
        item.Clear();
        foreach (var (name, value) in by.ToArray())
        {
            by.Remove(name);
            item[name] = value;
        }
    }

    /// <summary>Whether two trees say the same: the order of an object's keys does not count, and numbers are compared by value.</summary>
    public static bool Same(JsonNode? left, JsonNode? right)
    {
        switch (left, right)
        {
            case (null, null):
                return true;
            case (JsonObject a, JsonObject b):
                if (a.Count != b.Count)
                {
                    return false;
                }
                foreach (var (key, value) in a)
                {
                    if (!b.TryGetPropertyValue(key, out var other) || !Same(value, other))
                    {
                        return false;
                    }
                }
                return true;
            case (JsonArray a, JsonArray b):
                if (a.Count != b.Count)
                {
                    return false;
                }
                for (var i = 0; i < a.Count; i++)
                {
                    if (!Same(a[i], b[i]))
                    {
                        return false;
                    }
                }
                return true;
            case (JsonValue a, JsonValue b):
                return SameScalar(a, b);
            default:
                return false;
        }
    }

    private static bool SameScalar(JsonValue left, JsonValue right)
    {
        var kind = left.GetValueKind();
        if (kind != right.GetValueKind())
        {
            return false;
        }
        return kind switch
        {
            JsonValueKind.String => Text(left) == Text(right),
            JsonValueKind.Number when TryInt64(left, out var a) && TryInt64(right, out var b) => a == b,
            JsonValueKind.Number => TryDouble(left, out var a) && TryDouble(right, out var b) && a.Equals(b),
            _ => true,
        };
    }
}
