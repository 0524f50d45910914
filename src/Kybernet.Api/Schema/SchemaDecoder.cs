using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.Api.Schema;

/// <summary>
/// Decodes the JSON of an object by its type, in one pass: fields that the type does not know are left out and told of, values are checked and
/// brought into their canonical form (quantities), and nulls count as absent. Whether required fields are there is validation's business.
/// </summary>
public static class SchemaDecoder
{
    /// <summary>Decodes an object.</summary>
    /// <param name="utf8">Its JSON.</param>
    /// <param name="type">Its type.</param>
    /// <exception cref="SchemaDecodeException">The JSON is malformed, or does not fit the type.</exception>
    public static DecodeResult Decode(ReadOnlySpan<byte> utf8, TypeSchema type)
    {
        var reader = ModelJson.Reader(utf8);
        var context = new DecodeContext();
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new SchemaDecodeException($"json: cannot unmarshal {DecodeContext.Describe(ref reader)} into Go value of type {type.GoName}");
            }
            var result = Object(ref reader, type, context);
            if (reader.Read())
            {
                throw new SchemaDecodeException("invalid trailing data after top-level value");
            }
            return new DecodeResult(result, context.StrictErrors);
        }
        catch (JsonException exception)
        {
            throw new SchemaDecodeException(
                reader.CurrentDepth >= ModelJson.MaxDepth - 1 ? "json: exceeded max depth" : $"json: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // The reader says so where a string is no valid UTF-8 or has half of a surrogate pair.
            throw new SchemaDecodeException($"json: {exception.Message}", exception);
        }
    }

    private static JsonObject Object(ref Utf8JsonReader reader, TypeSchema type, DecodeContext context)
    {
        var result = new JsonObject();
        Span<ulong> seen = stackalloc ulong[(type.Fields.Count + 63) / 64];
        var outer = context.Struct;
        context.Struct = type;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = reader.ValueIsEscaped ? type.IndexOf(reader.GetString()!) : type.IndexOf(reader.ValueSpan);
            if (index < 0)
            {
                UnknownField(ref reader, type, context, result);
                continue;
            }
            var field = type.Fields[index];
            context.Push(field.Name);
            var bit = 1UL << (index & 63);
            if ((seen[index >> 6] & bit) != 0)
            {
                context.Strict("duplicate");
                result.Remove(field.Name);
            }
            seen[index >> 6] |= bit;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Null)
            {
                result.Add(field.Name, Value(ref reader, field.Type, context));
            }
            else if (field.Type.Nullable || context.KeepInvalid)
            {
                result.Add(field.Name, null);
            }
            context.Pop();
        }
        context.Struct = outer;
        return result;
    }

    private static void UnknownField(ref Utf8JsonReader reader, TypeSchema type, DecodeContext context, JsonObject result)
    {
        var name = reader.GetString()!;
        context.Push(name);
        reader.Read();
        if (type.PreservesUnknownFields)
        {
            if (result.ContainsKey(name))
            {
                context.Strict("duplicate");
            }
            result[name] = AnyDecoder.Read(ref reader, context);
        }
        else
        {
            context.Strict("unknown");
            reader.Skip();
        }
        context.Pop();
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, ValueSchema schema, DecodeContext context)
    {
        switch (schema.Kind)
        {
            case ValueKind.Object when reader.TokenType == JsonTokenType.StartObject:
                return Object(ref reader, schema.Object!, context);
            case ValueKind.List when reader.TokenType == JsonTokenType.StartArray:
                return List(ref reader, schema, context);
            case ValueKind.Map when reader.TokenType == JsonTokenType.StartObject:
                return Map(ref reader, schema, context);
            case ValueKind.Any:
                return AnyDecoder.Read(ref reader, context);
            default:
                return ScalarDecoder.Read(ref reader, schema, context);
        }
    }

    private static JsonArray List(ref Utf8JsonReader reader, ValueSchema schema, DecodeContext context)
    {
        var result = new JsonArray();
        var item = schema.Item!;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            context.Push(result.Count);
            result.Add(reader.TokenType == JsonTokenType.Null ? NullItem(item, context) : Value(ref reader, item, context));
            context.Pop();
        }
        return result;
    }

    private static JsonObject Map(ref Utf8JsonReader reader, ValueSchema schema, DecodeContext context)
    {
        var result = new JsonObject();
        var item = schema.Item!;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            context.Push(key);
            reader.Read();
            var value = reader.TokenType == JsonTokenType.Null ? NullItem(item, context) : Value(ref reader, item, context);
            if (!result.TryAdd(key, value))
            {
                context.Strict("duplicate");
                result[key] = value;
            }
            context.Pop();
        }
        return result;
    }

    /// <summary>A null in a list or map is the item with nothing set, since there a value cannot be absent.</summary>
    private static JsonNode? NullItem(ValueSchema item, DecodeContext context) => item.Nullable || context.KeepInvalid ? null : item.Kind switch
    {
        ValueKind.Object or ValueKind.Map => new JsonObject(),
        ValueKind.List => new JsonArray(),
        ValueKind.String or ValueKind.Bytes => JsonValue.Create(""),
        ValueKind.Bool => JsonValue.Create(false),
        ValueKind.Int32 or ValueKind.Int64 or ValueKind.IntOrString => JsonValue.Create(0),
        ValueKind.Number => JsonValue.Create(0d),
        ValueKind.Quantity => JsonValue.Create("0"),
        _ => null,
    };
}
