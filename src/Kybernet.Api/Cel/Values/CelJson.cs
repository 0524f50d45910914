using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Times;

namespace Kybernet.Api.Cel;

/// <summary>JSON trees as values, and values as JSON trees. A tree must not change while expressions look at it.</summary>
public static class CelJson
{
    /// <summary>A tree as a value.</summary>
    /// <param name="node">The tree.</param>
    /// <param name="type">What it is declared to be. A string of a moment's type becomes a moment; one that is none stays a string.</param>
    public static CelValue ToValue(JsonNode? node, CelType type)
    {
        switch (node)
        {
            case null:
                return CelValue.Null;
            case JsonObject tree:
                return new CelJsonMap(tree, type);
            case JsonArray items:
                return new CelJsonList(items, type);
        }
        switch (node.GetValueKind())
        {
            case JsonValueKind.True:
                return CelBool.True;
            case JsonValueKind.False:
                return CelBool.False;
            case JsonValueKind.Number:
                return type.Kind != CelKind.Double && JsonValues.TryInt64(node, out var number)
                    ? new CelInt(number)
                    : new CelDouble(JsonValues.TryDouble(node, out var real) ? real : double.NaN);
            default:
                return Text(JsonValues.Text(node), type);
        }
    }

    /// <summary>A value as a tree.</summary>
    /// <exception cref="CelException">JSON has nothing that could stand for it.</exception>
    public static JsonNode? ToNode(CelValue value)
    {
        switch (value)
        {
            case CelBool flag:
                return JsonValue.Create(flag.Value);
            case CelInt number:
                return JsonValue.Create(number.Value);
            case CelUint number:
                return JsonValue.Create(number.Value);
            case CelDouble number:
                return JsonValue.Create(number.Value);
            case CelString or CelBytes or CelTimestamp or CelDuration:
                return JsonValue.Create(value.ToString());
            case CelList list:
                var items = new JsonArray();
                for (var i = 0; i < list.Count; i++)
                {
                    items.Add(ToNode(list[i]));
                }
                return items;
            case CelMap map:
                var tree = new JsonObject();
                foreach (var key in map.Keys)
                {
                    tree[FieldName(map, key)] = ToNode(map.Find(key)!);
                }
                return tree;
            default:
                return value.Type == CelType.Null ? null : throw new CelException($"type conversion error from '{value.Type}' to 'google.protobuf.Value'");
        }
    }

    private static string FieldName(CelMap map, CelValue key) => map.Type is CelObjectType type && key is CelString name && type.Find(name.Value) is { } field
        ? field.JsonName
        : key.ToString()!;

    private static CelValue Text(string text, CelType type)
    {
        switch (type.Kind)
        {
            case CelKind.Timestamp:
                return TryTime(text, out var time) ? new CelTimestamp(time) : new CelError($"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\" failed");
            case CelKind.Duration:
                return CelDuration.Parse(text);
            case CelKind.Bytes:
                var buffer = new byte[text.Length];
                return Convert.TryFromBase64String(text, buffer, out var length) ? new CelBytes(buffer[..length]) : new CelError("byte format is not base64");
            default:
                return new CelString(text);
        }
    }

    /// <summary>A moment, or a day: that begins at midnight.</summary>
    private static bool TryTime(string text, out DateTimeOffset time) => Rfc3339.TryParse(text.Length == 10 ? $"{text}T00:00:00Z" : text, out time);
}
