using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Yaml;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest;

namespace Kybernet.ApiServer.Audit.Events;

/// <summary>What bodies of requests and answers are to an auditor.</summary>
internal static class AuditBodies
{
    /// <summary>What was sent, as JSON; empty for nothing, and for what is no JSON in any form: whoever sent that is told so.</summary>
    public static ReadOnlyMemory<byte> Sent(ApiRequest request)
    {
        if (request.Body.IsEmpty || !request.Info.IsResourceRequest)
        {
            return default;
        }
        try
        {
            // Patches have types of their own, and only that of server-side apply may be YAML.
            var json = request.Info.Verb != "patch" ? BodyDecoder.ToJson(request).ToArray()
                : request.ContentType.Contains("yaml", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(YamlReader.Read(Encoding.UTF8.GetString(request.Body.Span))?.ToJsonString() ?? "")
                : request.Body;
            using var parsed = JsonDocument.Parse(json);
            return json;
        }
        catch (Exception exception) when (exception is ApiError or JsonException or YamlFormatException)
        {
            return default;
        }
    }

    /// <summary>What was answered, as JSON; empty for what is no object.</summary>
    public static ReadOnlyMemory<byte> Answered(ApiResponse response) => response switch
    {
        ObjectResponse item => item.Object.Json,
        ListResponse list => ListEncoding.Join(list),
        BodyResponse { ContentType: "application/json", ContentEncoding: "" } body => body.Body,
        _ => default,
    };

    /// <summary>What an answer says of itself.</summary>
    public static Status StatusOf(ApiResponse response)
    {
        if (response is BodyResponse { ContentType: "application/json", Body.IsEmpty: false } body && body.Body.Length < 1 << 20
            && JsonNode.Parse(body.Body.Span) is JsonObject json && json.Text("kind") == "Status")
        {
            return ModelJson.Parse<Status>(body.Body.Span) with { Code = response.StatusCode };
        }
        return new Status { Code = response.StatusCode };
    }

    /// <summary>The object that a body says it is about; null where it says none.</summary>
    public static AuditedObject? ObjectOf(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty || JsonNode.Parse(body.Span) is not JsonObject item || item["metadata"] is not JsonObject metadata)
        {
            return null;
        }
        string Read(string field) => JsonValues.Text(metadata[field]);
        return new AuditedObject(Read("namespace"), Read("name"), Read("uid"), Read("resourceVersion"));
    }

    /// <summary>A body without the managed fields of the objects in it.</summary>
    public static ReadOnlyMemory<byte> WithoutManagedFields(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty || JsonNode.Parse(body.Span) is not JsonObject item)
        {
            return body;
        }
        (item["metadata"] as JsonObject)?.Remove("managedFields");
        foreach (var other in item.Objects("items").Concat(item.Objects("rows").Select(static row => row["object"]).OfType<JsonObject>()))
        {
            (other["metadata"] as JsonObject)?.Remove("managedFields");
        }
        return ModelJson.ToUtf8(item);
    }
}
