using System.Collections.Immutable;
using System.Text.Json;

namespace Kybernet.Api.Json;

/// <summary>What the generated readers are made of. The reader always stands at the first token of a value, and is left at its last.</summary>
public static class ModelReader
{
    /// <summary>Reads one value.</summary>
    public delegate T ValueReader<T>(ref Utf8JsonReader reader);

    /// <summary>Goes to the start of the object, which a fresh reader is not at yet.</summary>
    public static void Begin(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.None)
        {
            reader.Read();
        }
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"expected an object, found {reader.TokenType}");
        }
    }

    /// <summary>Goes to the next property's name; false at the object's end.</summary>
    public static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Goes from a property's name to its value; false where that is null.</summary>
    public static bool HasValue(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.Null;

    /// <summary>Goes from a property's name past its value.</summary>
    public static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Reads a list. A null item is left out.</summary>
    public static IReadOnlyList<T> List<T>(ref Utf8JsonReader reader, ValueReader<T> item)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"expected an array, found {reader.TokenType}");
        }
        List<T>? items = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Null)
            {
                (items ??= []).Add(item(ref reader));
            }
        }
        return items is null ? [] : items.ToArray();
    }

    /// <summary>Reads a map with string keys. An entry whose value is null is left out.</summary>
    public static IReadOnlyDictionary<string, T> Map<T>(ref Utf8JsonReader reader, ValueReader<T> value)
    {
        Begin(ref reader);
        Dictionary<string, T>? entries = null;
        while (NextProperty(ref reader))
        {
            var key = reader.GetString()!;
            if (HasValue(ref reader))
            {
                (entries ??= new Dictionary<string, T>(StringComparer.Ordinal))[key] = value(ref reader);
            }
        }
        return entries is null ? ImmutableDictionary<string, T>.Empty : entries;
    }

    /// <summary>Reads an RFC 3339 time, with or without fractions of a second.</summary>
    public static DateTimeOffset Time(ref Utf8JsonReader reader) => reader.GetDateTimeOffset();

    /// <summary>Reads a quantity, written as a string or as a number.</summary>
    public static Quantity Quantity(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number
        ? Api.Quantity.Parse(System.Text.Encoding.UTF8.GetString(reader.ValueSpan))
        : Api.Quantity.Parse(reader.GetString()!);

    /// <summary>Reads an integer or a string.</summary>
    public static IntOrString IntOrString(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number
        ? new IntOrString(reader.GetInt32())
        : new IntOrString(reader.GetString()!);

    /// <summary>Copies a value of any type as it is written.</summary>
    public static RawJson Raw(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.Position.GetObject() is null)
        {
            // What is read is one piece of memory, and the token is a part of it: the value goes on from there.
            ref var start = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(reader.ValueSpan);
            var offset = reader.TokenStartIndex;
            reader.Skip();
            return new RawJson(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(ref start, (int)(reader.BytesConsumed - offset)).ToArray());
        }
        using var document = JsonDocument.ParseValue(ref reader);
        return new RawJson(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(document.RootElement).ToArray());
    }
}
