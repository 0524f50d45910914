using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kybernet.Api.Json;

/// <summary>Turns models into UTF-8 JSON and back.</summary>
public static class ModelJson
{
    /// <summary>How the project writes JSON: compact, and without escaping what need not be escaped.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Deeper than this no object may be: one that could be stored and not read would be lost.</summary>
    public const int MaxDepth = 1000;

    /// <summary>A reader of an object's JSON, however deep it is.</summary>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> utf8) => new(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });

    /// <summary>Reads a tree.</summary>
    /// <exception cref="JsonException">The JSON is malformed.</exception>
    public static JsonNode? ParseTree(ReadOnlySpan<byte> utf8) => JsonNode.Parse(utf8, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth });

    /// <summary>Reads a model.</summary>
    /// <exception cref="JsonException">The JSON is malformed, or does not fit the type.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> utf8)
        where T : class, IModel<T>
    {
        var reader = Reader(utf8);
        try
        {
            return T.Read(ref reader);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    /// <summary>Reads a model from a tree.</summary>
    /// <exception cref="JsonException">The tree does not fit the type.</exception>
    public static T Parse<T>(JsonNode node)
        where T : class, IModel<T> => Parse<T>(ToUtf8(node));

    /// <summary>Writes a model.</summary>
    public static byte[] ToUtf8(IModel model)
    {
        using var buffer = Encode(model);
        return buffer.Written.ToArray();
    }

    /// <summary>Writes a tree.</summary>
    public static byte[] ToUtf8(JsonNode node)
    {
        using var buffer = Encode(node);
        return buffer.Written.ToArray();
    }

    /// <summary>The model as a tree that can be changed.</summary>
    public static JsonObject ToTree(IModel model) => ParseTree(ToUtf8(model))!.AsObject();

    /// <summary>The model's JSON text.</summary>
    public static string ToText(IModel model) => Encoding.UTF8.GetString(ToUtf8(model));

    /// <summary>Whether two models say the same, field for field in the same order: what decides whether a write would change anything.</summary>
    public static bool Same(IModel? left, IModel? right)
    {
        if (left is null || right is null || ReferenceEquals(left, right))
        {
            return ReferenceEquals(left, right);
        }
        using var one = Encode(left);
        using var other = Encode(right);
        return one.Written.SequenceEqual(other.Written);
    }

    /// <summary>
    /// Whether two trees say the same, in whatever order. A tree that nobody has looked into is the bytes that it was read from, and comparing nodes
    /// would make them all: so the bytes are compared first.
    /// </summary>
    public static bool Same(JsonNode? left, JsonNode? right) => SameText(left, right) || JsonNode.DeepEquals(left, right);

    /// <summary>Whether two trees are written the same, with their fields in the same order.</summary>
    public static bool SameText(JsonNode? left, JsonNode? right)
    {
        if (left is null || right is null)
        {
            return left is null && right is null;
        }
        using var one = Encode(left);
        using var other = Encode(right);
        return one.Written.SequenceEqual(other.Written);
    }

    private static PooledBuffer Encode(IModel model)
    {
        var buffer = new PooledBuffer();
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        model.WriteTo(writer);
        return buffer;
    }

    private static PooledBuffer Encode(JsonNode node)
    {
        var buffer = new PooledBuffer();
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        node.WriteTo(writer);
        return buffer;
    }
}
