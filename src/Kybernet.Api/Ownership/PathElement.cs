using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.Api.Ownership;

/// <summary>
/// One step of a field's path, as <c>FieldsV1</c> writes it: <c>f:name</c> a field or a map's key, <c>k:{"name":"c"}</c> a list's item by its keys,
/// <c>v:"x"</c> a set's item, <c>i:0</c> an item by its place.
/// </summary>
public static class PathElement
{
    private const string FieldPrefix = "f:";
    private const string KeyPrefix = "k:";
    private const string ValuePrefix = "v:";
    private const string IndexPrefix = "i:";

    /// <summary>A field, or a map's key.</summary>
    public static string Field(string name) => FieldPrefix + name;

    /// <summary>An item of a set.</summary>
    public static string Value(JsonNode? item) => ValuePrefix + Text(item);

    /// <summary>An item of a list by the values of its keys.</summary>
    /// <param name="keys">The keys with their values, in the order of their names.</param>
    public static string Key(JsonObject keys) => KeyPrefix + Text(keys);

    /// <summary>The field's name; null for an element of another kind.</summary>
    internal static string? FieldOf(string element) => element.StartsWith(FieldPrefix, StringComparison.Ordinal) ? element[FieldPrefix.Length..] : null;

    /// <summary>Whether a text is a path element.</summary>
    internal static bool IsWellFormed(string element) =>
        element.StartsWith(FieldPrefix, StringComparison.Ordinal)
        || (element.StartsWith(IndexPrefix, StringComparison.Ordinal) && int.TryParse(element.AsSpan(2), out _))
        || (element.StartsWith(ValuePrefix, StringComparison.Ordinal) && Parse(element) is not null)
        || (element.StartsWith(KeyPrefix, StringComparison.Ordinal) && Parse(element) is JsonObject);

    /// <summary>As messages write it: <c>.name</c>, <c>[name="c"]</c>, <c>[="x"]</c>, <c>[0]</c>.</summary>
    internal static string Describe(string element) => element[..2] switch
    {
        FieldPrefix => $".{element[2..]}",
        IndexPrefix => $"[{element[2..]}]",
        ValuePrefix => $"[={element[2..]}]",
        _ => $"[{string.Join(',', Parse(element)!.AsObject().Select(static key => $"{key.Key}={Text(key.Value)}"))}]",
    };

    private static JsonNode? Parse(string element)
    {
        try
        {
            return JsonNode.Parse(element[2..]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonNode? value) => value is null ? "null" : Encoding.UTF8.GetString(ModelJson.ToUtf8(value));
}
