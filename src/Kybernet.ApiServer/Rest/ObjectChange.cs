using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Rest;

/// <summary>
/// Which parts of an object a write leaves as they are. Most were moved over as the bytes that they were, and are compared as such; the trees are asked
/// only where the bytes differ.
/// </summary>
/// <param name="item">The object as it shall be.</param>
/// <param name="encoded">The same, as it would be stored.</param>
/// <param name="previous">The object as it is.</param>
/// <param name="current">The same, as it is served.</param>
internal sealed class ObjectChange(JsonObject item, EncodedObject encoded, JsonObject previous, EncodedObject current)
{
    private readonly Dictionary<string, Range> _encoded = PartsOf(encoded.Json.Span);
    private readonly Dictionary<string, Range> _current = PartsOf(current.Json.Span);

    /// <summary>Whether a part is the same.</summary>
    public bool IsSame(string part) => BytesOf(encoded, _encoded, part).SequenceEqual(BytesOf(current, _current, part)) || ModelJson.Same(item[part], previous[part]);

    /// <summary>Whether the metadata is the same, revision aside.</summary>
    public bool IsSameMetadata()
    {
        MetadataTree.Of(previous).Remove("resourceVersion"); // what shall be stored says none
        return JsonNode.DeepEquals(item["metadata"], previous["metadata"]);
    }

    /// <summary>Whether everything is the same whose change counts up the generation: all but metadata, status, and what says which kind it is.</summary>
    public bool IsSameSpec(bool withStatus)
    {
        foreach (var part in _encoded.Keys)
        {
            if (IsSpec(part, withStatus) && !IsSame(part))
            {
                return false;
            }
        }
        foreach (var part in _current.Keys)
        {
            if (IsSpec(part, withStatus) && !_encoded.ContainsKey(part) && previous[part] is not null)
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsSpec(string part, bool withStatus) => part is not ("metadata" or "apiVersion" or "kind") && (withStatus || part != "status");

    private static ReadOnlySpan<byte> BytesOf(EncodedObject item, Dictionary<string, Range> parts, string part) =>
        parts.TryGetValue(part, out var range) ? item.Json.Span[range] : [];

    private static Dictionary<string, Range> PartsOf(ReadOnlySpan<byte> json)
    {
        var parts = new Dictionary<string, Range>(StringComparer.Ordinal);
        var reader = ModelJson.Reader(json);
        ModelReader.Begin(ref reader);
        while (ModelReader.NextProperty(ref reader))
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            parts[name] = start..(int)reader.BytesConsumed;
        }
        return parts;
    }
}
