using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.Api.Schema;

/// <summary>Decodes values of no known type: all of them is kept, and keys that are there twice are told of.</summary>
internal static class AnyDecoder
{
    internal static JsonNode? Read(ref Utf8JsonReader reader, DecodeContext context)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var result = new JsonObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var key = reader.GetString()!;
                    context.Push(key);
                    reader.Read();
                    var value = Read(ref reader, context);
                    if (!result.TryAdd(key, value))
                    {
                        context.Strict("duplicate");
                        result[key] = value;
                    }
                    context.Pop();
                }
                return result;
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    context.Push(list.Count);
                    list.Add(Read(ref reader, context));
                    context.Pop();
                }
                return list;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var integer) ? JsonValue.Create(integer) : JsonValue.Create(reader.GetDouble());
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            default:
                return null;
        }
    }
}
