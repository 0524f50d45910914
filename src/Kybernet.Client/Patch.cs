using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.Client;

/// <summary>A patch and its kind.</summary>
/// <param name="ContentType">The media type that says what kind of patch it is.</param>
/// <param name="Body">The patch as UTF-8 JSON.</param>
public sealed record Patch(string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>A JSON merge patch (RFC 7386).</summary>
    public static Patch Merge(JsonNode body) => new("application/merge-patch+json", ModelJson.ToUtf8(body));

    /// <summary>A strategic merge patch: lists merge by their keys.</summary>
    public static Patch Strategic(JsonNode body) => new("application/strategic-merge-patch+json", ModelJson.ToUtf8(body));

    /// <summary>A JSON patch (RFC 6902).</summary>
    public static Patch Json(JsonArray operations) => new("application/json-patch+json", ModelJson.ToUtf8(operations));
}
