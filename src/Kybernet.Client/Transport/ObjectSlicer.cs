using System.Text;
using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Client;

/// <summary>
/// Cuts the objects out of lists and watch events without decoding them. Each gets bytes of its own, so that one object that stays in a cache does not
/// hold on to the page it came with.
/// </summary>
internal static class ObjectSlicer
{
    /// <exception cref="JsonException">The bytes are no list.</exception>
    public static ObjectList List(ReadOnlySpan<byte> json)
    {
        var reader = ModelJson.Reader(json);
        ModelReader.Begin(ref reader);
        var apiVersion = "";
        var kind = "";
        var metadata = ListMeta.Empty;
        var ranges = new List<Range>();
        while (ModelReader.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("apiVersion"u8))
            {
                apiVersion = ModelReader.HasValue(ref reader) ? reader.GetString()! : "";
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                kind = ModelReader.HasValue(ref reader) ? reader.GetString()! : "";
            }
            else if (reader.ValueTextEquals("metadata"u8))
            {
                metadata = ModelReader.HasValue(ref reader) ? ListMeta.Read(ref reader) : ListMeta.Empty;
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                ReadRanges(ref reader, ranges);
            }
            else
            {
                ModelReader.SkipValue(ref reader);
            }
        }
        var items = new EncodedObject[ranges.Count];
        var itemKind = kind.EndsWith("List", StringComparison.Ordinal) ? kind[..^4] : kind;
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = EncodedObject.Parse(WithKind(json[ranges[i]], apiVersion, itemKind));
        }
        return new ObjectList(items, metadata.ResourceVersion ?? "", metadata.Continue ?? "");
    }

    /// <exception cref="JsonException">The bytes are no watch event.</exception>
    /// <exception cref="ApiException">It is an error event.</exception>
    public static ObjectEvent Event(ReadOnlySpan<byte> json)
    {
        var reader = ModelJson.Reader(json);
        ModelReader.Begin(ref reader);
        string? type = null;
        Range? range = null;
        while (ModelReader.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("type"u8))
            {
                type = ModelReader.HasValue(ref reader) ? reader.GetString() : null;
            }
            else if (reader.ValueTextEquals("object"u8) && ModelReader.HasValue(ref reader))
            {
                range = ReadRange(ref reader);
            }
            else
            {
                ModelReader.SkipValue(ref reader);
            }
        }
        if (range is not { } found)
        {
            throw new JsonException("a watch event without an object");
        }
        var item = json[found];
        return type switch
        {
            "ADDED" => new ObjectEvent(ObjectEventType.Added, EncodedObject.Parse(item.ToArray())),
            "MODIFIED" => new ObjectEvent(ObjectEventType.Modified, EncodedObject.Parse(item.ToArray())),
            "DELETED" => new ObjectEvent(ObjectEventType.Deleted, EncodedObject.Parse(item.ToArray())),
            "BOOKMARK" => new ObjectEvent(ObjectEventType.Bookmark, EncodedObject.Parse(item.ToArray())),
            "ERROR" => throw new ApiException(ModelJson.Parse<Status>(item)),
            _ => throw new JsonException($"a watch event of type {type}"),
        };
    }

    private static void ReadRanges(ref Utf8JsonReader reader, List<Range> ranges)
    {
        if (!ModelReader.HasValue(ref reader))
        {
            return; // a list of nothing may be null
        }
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"expected an array, found {reader.TokenType}");
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ranges.Add(ReadRange(ref reader));
        }
    }

    private static Range ReadRange(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    /// <summary>The items of a typed list do not repeat the kind that the list has said; an object in a cache has to say it.</summary>
    private static byte[] WithKind(ReadOnlySpan<byte> item, string apiVersion, string kind)
    {
        if (SaysItsKind(item) || kind.Length == 0)
        {
            return item.ToArray();
        }
        var rest = item[1..].TrimStart(" \t\r\n"u8);
        var head = Encoding.UTF8.GetBytes($$"""{"apiVersion":"{{apiVersion}}","kind":"{{kind}}"{{(rest[0] == (byte)'}' ? "" : ",")}}""");
        var whole = new byte[head.Length + rest.Length];
        head.CopyTo(whole, 0);
        rest.CopyTo(whole.AsSpan(head.Length));
        return whole;
    }

    private static bool SaysItsKind(ReadOnlySpan<byte> item)
    {
        var reader = ModelJson.Reader(item);
        ModelReader.Begin(ref reader);
        while (ModelReader.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("kind"u8))
            {
                return true;
            }
            ModelReader.SkipValue(ref reader);
        }
        return false;
    }
}
