using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;

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
    /// <param name="keys">The keys, in the order of their names.</param>
    /// <param name="item">The item.</param>
    /// <param name="type">Its type, which has the defaults of keys that are left out; null where it is not known.</param>
    /// <exception cref="OwnershipException">It has not the keys that tell it apart.</exception>
    internal static string Key(IReadOnlyList<string> keys, JsonNode? item, TypeSchema? type)
    {
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ModelJson.WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var name in keys)
            {
                if (item is not JsonObject fields)
                {
                    throw new OwnershipException($"list item is no object: {JsonValues.Text(item)}");
                }
                var value = fields[name] ?? type?.Find(name)?.Default ?? throw new OwnershipException($"list item omits key field \"{name}\" (and doesn't have a default value)");
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        return KeyPrefix + Encoding.UTF8.GetString(buffer.Written);
    }

    /// <summary>The field's name; null for an element of another kind.</summary>
    internal static string? FieldOf(string element) => element.StartsWith(FieldPrefix, StringComparison.Ordinal) ? element[FieldPrefix.Length..] : null;

    /// <summary>Whether a text is a path element.</summary>
    internal static bool IsWellFormed(string element) =>
        element.StartsWith(FieldPrefix, StringComparison.Ordinal)
        || (element.StartsWith(IndexPrefix, StringComparison.Ordinal) && int.TryParse(element.AsSpan(2), out _))
        || (element.StartsWith(ValuePrefix, StringComparison.Ordinal) && FirstToken(element) is not (null or JsonTokenType.StartObject or JsonTokenType.StartArray))
        || (element.StartsWith(KeyPrefix, StringComparison.Ordinal) && FirstToken(element) is JsonTokenType.StartObject);

    /// <summary>As messages write it: <c>.name</c>, <c>[name="c"]</c>, <c>[="x"]</c>, <c>[0]</c>.</summary>
    internal static string Describe(string element) => element[..2] switch
    {
        FieldPrefix => $".{element[2..]}",
        IndexPrefix => $"[{element[2..]}]",
        ValuePrefix => $"[={element[2..]}]",
        _ => $"[{string.Join(',', Parse(element)!.AsObject().Select(static key => $"{key.Key}={Text(key.Value)}"))}]",
    };

    private static JsonNode? Parse(string element) => JsonNode.Parse(element[2..]);

    /// <summary>With what its JSON begins; null where it is none. Every write of an object reads all elements of its account, so no tree is made.</summary>
    private static JsonTokenType? FirstToken(string element)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(element.Length));
        try
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(0, Encoding.UTF8.GetBytes(element.AsSpan(2), bytes)));
            JsonTokenType? first = null;
            while (reader.Read())
            {
                first ??= reader.TokenType;
            }
            return first;
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static string Text(JsonNode? value) => value is null ? "null" : Encoding.UTF8.GetString(ModelJson.ToUtf8(value));
}
