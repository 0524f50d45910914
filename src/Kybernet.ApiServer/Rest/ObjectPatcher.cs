using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Patching;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest;

/// <summary>Applies patches: the three kinds that change an object as it is.</summary>
internal sealed class ObjectPatcher(ObjectUpdater updater)
{
    private const string Accepted =
        "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json";

    /// <summary>How often to begin again when the object has changed in between and the patch did not say what revision it is for.</summary>
    private const int Attempts = 5;

    /// <summary>Applies the patch in a request's body to the object, or the part of it, that the request names.</summary>
    /// <exception cref="ApiError">The patch is malformed, does not fit the object, or makes it invalid.</exception>
    public Task<EncodedObject> PatchAsync(ResourceEndpoint endpoint, ApiRequest request, string subresource, CancellationToken cancellationToken)
    {
        var options = WriteOptions.Parse(request.Query);
        var apply = PatchOf(endpoint, request);
        var update = new UpdateRequest(endpoint, request, subresource, options.DryRun)
        {
            Attempts = Attempts,
            Change = current => Decode(endpoint, Run(apply, endpoint.Present(current)), request, options.FieldValidation, current),
        };
        return updater.UpdateAsync(update, cancellationToken);
    }

    /// <summary>What a patch makes of any tree, for subresources that have a form of their own.</summary>
    /// <exception cref="ApiError">The patch is malformed or of an unknown kind.</exception>
    public static Func<JsonObject, JsonNode?> PatchOf(ResourceEndpoint endpoint, ApiRequest request)
    {
        var semicolon = request.ContentType.IndexOf(';');
        var type = semicolon < 0 ? request.ContentType : request.ContentType[..semicolon];
        return type switch
        {
            "application/merge-patch+json" => Parse(request) is var patch ? item => JsonMergePatch.Apply(item, patch) : default!,
            "application/json-patch+json" => Parse(request) is var patch ? item => JsonPatch.Apply(item, patch) : default!,
            "application/strategic-merge-patch+json" => ParseObject(request) is var patch
                ? item => StrategicMergePatch.Apply(item, patch, endpoint.Schema)
                : default!,
            _ => throw ApiError.UnsupportedMediaType(Accepted),
        };
    }

    private static JsonObject Run(Func<JsonObject, JsonNode?> apply, EncodedObject current)
    {
        try
        {
            var patched = apply(JsonNode.Parse(current.Json.Span)!.AsObject());
            return patched as JsonObject ?? throw ApiError.BadRequest("the patch does not leave an object");
        }
        catch (PatchException exception)
        {
            throw exception.Failure switch
            {
                PatchFailure.Malformed => ApiError.BadRequest(exception.Message),
                PatchFailure.TooLarge => ApiError.Of(413, "RequestEntityTooLarge", exception.Message),
                _ => ApiError.Of(422, "Invalid", exception.Message),
            };
        }
    }

    private static JsonObject Decode(
        ResourceEndpoint endpoint, JsonObject patched, ApiRequest request, FieldValidation validation, EncodedObject current)
    {
        var item = BodyDecoder.Decode(ModelJson.ToUtf8(patched), endpoint.Kind, endpoint.Schema, validation, request.Warnings);
        var metadata = MetadataTree.Of(item);
        if (MetadataTree.Text(metadata, "name") != current.Key.Name || MetadataTree.Text(metadata, "namespace") != current.Key.Namespace)
        {
            throw ApiError.BadRequest("the name and namespace of an object cannot be patched");
        }
        var given = MetadataTree.Text(metadata, "resourceVersion");
        if (given.Length > 0 && given != current.Header.ResourceVersion)
        {
            throw ApiError.Stale(endpoint.Resource, request.Info.Name);
        }
        return endpoint.ToStored(item);
    }

    private static JsonNode? Parse(ApiRequest request)
    {
        try
        {
            return JsonNode.Parse(request.Body.Span);
        }
        catch (JsonException exception)
        {
            throw ApiError.BadRequest($"error decoding patch: {exception.Message}");
        }
    }

    private static JsonObject ParseObject(ApiRequest request) =>
        Parse(request) as JsonObject ?? throw ApiError.BadRequest("error decoding patch: a strategic merge patch is a JSON object");
}
