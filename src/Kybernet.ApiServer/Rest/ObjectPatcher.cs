using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Patching;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest.Ownership;

namespace Kybernet.ApiServer.Rest;

/// <summary>Applies patches: the three kinds that change an object as it is.</summary>
internal sealed class ObjectPatcher(ObjectUpdater updater)
{
    /// <summary>How often to begin again when the object has changed in between and the patch did not say what revision it is for.</summary>
    private const int Attempts = 5;

    /// <summary>Applies the patch in a request's body to the object, or the part of it, that the request names.</summary>
    /// <exception cref="ApiError">The patch is malformed, does not fit the object, or makes it invalid.</exception>
    public Task<EncodedObject> PatchAsync(ResourceEndpoint endpoint, ApiRequest request, string subresource, CancellationToken cancellationToken)
    {
        var options = WriteOptions.Parse(request.Query);
        if (request.Query.ContainsKey("force"))
        {
            throw ApiError.Of(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
        }
        var patch = ObjectPatch.Read(endpoint, request);
        var update = new UpdateRequest(endpoint, request, subresource, options.DryRun)
        {
            Attempts = Attempts,
            // In another version a field of the patch may be any field of what is stored.
            Parts = endpoint.Stored.Converter is null ? patch.Fields : null,
            Change = (current, tree) => Change(endpoint, request, patch, options.FieldValidation, current, Presented(endpoint, current, tree)),
        };
        return updater.UpdateAsync(update, cancellationToken);
    }

    /// <summary>The tree of the object in the version that the patch is for.</summary>
    private static JsonObject Presented(ResourceEndpoint endpoint, EncodedObject current, JsonObject tree) =>
        endpoint.Present(current) is var presented && ReferenceEquals(presented, current) ? tree : ModelJson.ParseTree(presented.Json.Span)!.AsObject();

    private static JsonObject Run(ObjectPatch patch, JsonObject tree)
    {
        try
        {
            var patched = patch.Apply(tree);
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

    private static JsonObject Change(
        ResourceEndpoint endpoint, ApiRequest request, ObjectPatch patch, FieldValidation validation, EncodedObject current, JsonObject tree)
    {
        if (!patch.NamesManagers)
        {
            // Left out it stays as it is, and need not be patched, decoded and compared with the rest.
            MetadataTree.Of(tree).Remove(ManagedFields.Field);
        }
        var item = Decode(endpoint, request, patch.Fields, Run(patch, tree), validation);
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

    /// <summary>
    /// Holds the patched object to its schema: those of its fields that the patch can have changed. What is stored was held to it when it was
    /// written, and is moved over as the bytes that it is.
    /// </summary>
    private static JsonObject Decode(
        ResourceEndpoint endpoint, ApiRequest request, IReadOnlySet<string>? changed, JsonObject patched, FieldValidation validation)
    {
        var names = patched.Select(static field => field.Key).ToArray();
        var given = new JsonObject();
        foreach (var name in names)
        {
            if ((changed is null || changed.Contains(name) || name is "apiVersion" or "kind") && patched.Remove(name, out var value))
            {
                given[name] = value;
            }
        }
        var decoded = BodyDecoder.Decode(ModelJson.ToUtf8(given), endpoint.Kind, endpoint.Schema, validation, request.Warnings);
        if (patched.Count == 0)
        {
            return decoded;
        }
        // In the order in which they were, as if all had been decoded.
        var whole = new JsonObject();
        foreach (var name in names)
        {
            if (patched.Remove(name, out var value) || decoded.Remove(name, out value))
            {
                whole[name] = value;
            }
        }
        return whole;
    }
}
