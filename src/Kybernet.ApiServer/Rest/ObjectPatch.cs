using Kybernet.Api.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Patching;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest;

/// <summary>A patch as a request's body has it, of one of the three kinds that change an object as it is.</summary>
/// <param name="Apply">What it makes of any tree, which it leaves as it was.</param>
/// <param name="Fields">The fields of the whole object that it can change; null where that can be any.</param>
/// <param name="NamesManagers">Whether it may be about who manages which fields.</param>
internal sealed record ObjectPatch(Func<JsonObject, JsonNode?> Apply, IReadOnlySet<string>? Fields, bool NamesManagers)
{
    private const string AcceptedByAll = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
    private const string Accepted = AcceptedByAll + ", application/strategic-merge-patch+json";

    /// <summary>Reads the patch in a request's body.</summary>
    /// <exception cref="ApiError">The patch is malformed or of an unknown kind.</exception>
    public static ObjectPatch Read(ResourceEndpoint endpoint, ApiRequest request)
    {
        var semicolon = request.ContentType.IndexOf(';');
        var type = semicolon < 0 ? request.ContentType : request.ContentType[..semicolon];
        var namesManagers = request.Body.Span.IndexOf("managedFields"u8) >= 0;
        switch (type)
        {
            case "application/merge-patch+json":
                var merge = Parse(request);
                return new ObjectPatch(item => JsonMergePatch.Apply(item, merge), FieldsOf(merge), namesManagers);
            case "application/json-patch+json":
                var steps = Parse(request);
                return new ObjectPatch(item => JsonPatch.Apply(item, steps), null, namesManagers);
            case "application/strategic-merge-patch+json" when endpoint.Strategy.AllowsStrategicMerge:
                var strategic = Parse(request) as JsonObject ?? throw ApiError.BadRequest("error decoding patch: a strategic merge patch is a JSON object");
                return new ObjectPatch(item => StrategicMergePatch.Apply(item, strategic, endpoint.Schema), FieldsOf(strategic), namesManagers);
            default:
                throw ApiError.UnsupportedMediaType(endpoint.Strategy.AllowsStrategicMerge ? Accepted : AcceptedByAll);
        }
    }

    /// <summary>The fields that a patch names; null where it is no object, or gives directives, which may be about other fields.</summary>
    private static HashSet<string>? FieldsOf(JsonNode? patch)
    {
        if (patch is not JsonObject given)
        {
            return null;
        }
        var fields = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in given)
        {
            if (name.StartsWith('$'))
            {
                return null;
            }
            fields.Add(name);
        }
        return fields;
    }

    private static JsonNode? Parse(ApiRequest request)
    {
        try
        {
            return ModelJson.ParseTree(request.Body.Span);
        }
        catch (JsonException exception)
        {
            throw ApiError.BadRequest($"error decoding patch: {exception.Message}");
        }
    }
}
