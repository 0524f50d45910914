using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Times;

namespace Kybernet.Api.Schema;

/// <summary>Decodes values that have no parts, and checks that they are of their type.</summary>
internal static class ScalarDecoder
{
    internal static JsonNode? Read(ref Utf8JsonReader reader, ValueSchema schema, DecodeContext context)
    {
        if (context.KeepInvalid && !Fits(reader.TokenType, schema.Kind))
        {
            return AnyDecoder.Read(ref reader, context);
        }
        return schema.Kind switch
        {
            ValueKind.String => JsonValue.Create(Text(ref reader, schema, context)),
            ValueKind.Bytes => Bytes(ref reader, schema, context),
            ValueKind.Bool => reader.TokenType is JsonTokenType.True or JsonTokenType.False
                ? JsonValue.Create(reader.GetBoolean())
                : throw context.WrongType(DecodeContext.Describe(ref reader), "bool"),
            ValueKind.Int32 => Int32(ref reader, context),
            ValueKind.Int64 => Int64(ref reader, context),
            ValueKind.Number => reader.TokenType == JsonTokenType.Number
                ? JsonValue.Create(reader.GetDouble())
                : throw context.WrongType(DecodeContext.Describe(ref reader), "float64"),
            ValueKind.Time or ValueKind.MicroTime => Time(ref reader, schema, context),
            ValueKind.Quantity => Quantity(ref reader, context),
            ValueKind.IntOrString => IntOrString(ref reader),
            _ => throw context.WrongType(DecodeContext.Describe(ref reader), schema.ToString()),
        };
    }

    private static bool Fits(JsonTokenType token, ValueKind kind) => kind switch
    {
        ValueKind.String or ValueKind.Time or ValueKind.MicroTime or ValueKind.Bytes => token == JsonTokenType.String,
        ValueKind.Bool => token is JsonTokenType.True or JsonTokenType.False,
        ValueKind.Quantity or ValueKind.IntOrString => token is JsonTokenType.String or JsonTokenType.Number,
        ValueKind.Int32 or ValueKind.Int64 or ValueKind.Number => token == JsonTokenType.Number,
        _ => false,
    };

    private static string Text(ref Utf8JsonReader reader, ValueSchema schema, DecodeContext context) => reader.TokenType == JsonTokenType.String
        ? reader.GetString()!
        : throw context.WrongType(DecodeContext.Describe(ref reader), schema.ToString());

    private static JsonValue Bytes(ref Utf8JsonReader reader, ValueSchema schema, DecodeContext context)
    {
        var text = Text(ref reader, schema, context);
        if (!Base64.IsValid(text.AsSpan()) && !context.KeepInvalid)
        {
            throw new SchemaDecodeException($"illegal base64 data at input byte {FirstIllegal(text)}");
        }
        return JsonValue.Create(text);
    }

    private static int FirstIllegal(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('+' or '/' or '\r' or '\n') && (text[i] != '=' || i + 2 < text.Length))
            {
                return i;
            }
        }
        return text.Length / 4 * 4;
    }

    private static JsonValue Int32(ref Utf8JsonReader reader, DecodeContext context)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
        {
            return JsonValue.Create(number);
        }
        return context.KeepInvalid && reader.TokenType == JsonTokenType.Number
            ? (JsonValue)AnyDecoder.Read(ref reader, context)!
            : throw context.WrongType(Number(ref reader), "int32");
    }

    private static JsonValue Int64(ref Utf8JsonReader reader, DecodeContext context)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number))
        {
            return JsonValue.Create(number);
        }
        return context.KeepInvalid && reader.TokenType == JsonTokenType.Number
            ? (JsonValue)AnyDecoder.Read(ref reader, context)!
            : throw context.WrongType(Number(ref reader), "int64");
    }

    /// <summary>A number that does not fit is named; a value of another type is not.</summary>
    private static string Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number
        ? $"number {Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan)}"
        : DecodeContext.Describe(ref reader);

    private static JsonValue Time(ref Utf8JsonReader reader, ValueSchema schema, DecodeContext context)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new SchemaDecodeException($"json: cannot unmarshal {DecodeContext.Describe(ref reader)} into Go value of type string");
        }
        var text = reader.GetString()!;
        if (!Rfc3339.TryParse(text, out var time))
        {
            return context.KeepInvalid
                ? JsonValue.Create(text)
                : throw new SchemaDecodeException(
                    $"parsing time \"{text}\" as \"{(schema.Kind == ValueKind.Time ? "2006-01-02T15:04:05Z07:00" : "2006-01-02T15:04:05.000000Z07:00")}\": cannot parse \"{text}\" as \"2006\"");
        }
        // Custom resources keep what was written; built-in times are kept as they will be served.
        return JsonValue.Create(context.KeepInvalid ? text : schema.Kind == ValueKind.Time ? Rfc3339.Format(time) : Rfc3339.FormatMicro(time));
    }

    private static JsonValue Quantity(ref Utf8JsonReader reader, DecodeContext context)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            // Upstream reads whatever it finds as the text of a quantity, and so does not tell of a wrong type.
            _ => throw new SchemaDecodeException(QuantityText.FormatWrong),
        };
        return Api.Quantity.TryParse(text.AsSpan().Trim(), out var quantity, out var error)
            ? JsonValue.Create(quantity.ToString())
            : context.KeepInvalid ? JsonValue.Create(text) : throw new SchemaDecodeException(error);
    }

    private static JsonValue IntOrString(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return JsonValue.Create(reader.GetString()!);
        }
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number)
            ? JsonValue.Create(number)
            : throw new SchemaDecodeException($"json: cannot unmarshal {Number(ref reader)} into Go value of type int32");
    }
}
