using System.Buffers.Text;
using System.Text.Json;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Storage;

/// <summary>
/// A stored object does not hold its own <c>resourceVersion</c>, which only the commit decides. The cache puts it in, once, and what it makes is
/// what every client gets.
/// </summary>
internal static class ResourceVersionSplice
{
    /// <summary>Copies a stored object with its revision put in as the first field of <c>metadata</c>.</summary>
    /// <exception cref="JsonException">The bytes are no object with metadata.</exception>
    public static byte[] Insert(ReadOnlySpan<byte> stored, long revision)
    {
        var at = MetadataStart(stored);
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var count);
        var prefix = "\"resourceVersion\":\""u8;
        var isEmpty = stored[at] == (byte)'}';
        var suffix = isEmpty ? "\""u8 : "\","u8;
        var whole = new byte[stored.Length + prefix.Length + count + suffix.Length];
        var rest = whole.AsSpan();
        Append(ref rest, stored[..at]);
        Append(ref rest, prefix);
        Append(ref rest, digits[..count]);
        Append(ref rest, suffix);
        Append(ref rest, stored[at..]);
        return whole;
    }

    /// <summary>Copies a served object with another revision in the place of its own: what a deletion's event shows.</summary>
    public static byte[] Replace(ReadOnlySpan<byte> served, long revision)
    {
        var at = MetadataStart(served);
        var prefix = "\"resourceVersion\":\""u8;
        var value = at + prefix.Length;
        var end = value + served[value..].IndexOf((byte)'"');
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var count);
        var whole = new byte[value + count + served.Length - end];
        var rest = whole.AsSpan();
        Append(ref rest, served[..value]);
        Append(ref rest, digits[..count]);
        Append(ref rest, served[end..]);
        return whole;
    }

    private static void Append(ref Span<byte> rest, scoped ReadOnlySpan<byte> part)
    {
        part.CopyTo(rest);
        rest = rest[part.Length..];
    }

    /// <summary>The offset just behind the brace that opens <c>metadata</c>.</summary>
    private static int MetadataStart(ReadOnlySpan<byte> json)
    {
        var reader = ModelJson.Reader(json);
        ModelReader.Begin(ref reader);
        while (ModelReader.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                ModelReader.HasValue(ref reader);
                return (int)reader.TokenStartIndex + 1;
            }
            ModelReader.SkipValue(ref reader);
        }
        throw new JsonException("the object has no metadata");
    }
}
