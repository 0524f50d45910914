using System.Text;
using System.Text.Json;

namespace Kybernet.Api.Json;

/// <summary>A JSON value that is carried as it came, for fields that may hold anything.</summary>
/// <param name="Utf8">The value's JSON text; empty for no value at all.</param>
public readonly record struct RawJson(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>Whether there is no value.</summary>
    public bool IsEmpty => Utf8.IsEmpty;

    /// <summary>Takes the value of a model.</summary>
    public static RawJson From(IModel model) => new(ModelJson.ToUtf8(model));

    /// <summary>Writes the value, or <c>null</c> where there is none.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        if (IsEmpty)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteRawValue(Utf8.Span, skipInputValidation: true);
    }

    /// <summary>Compares the JSON text.</summary>
    public bool Equals(RawJson other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}
