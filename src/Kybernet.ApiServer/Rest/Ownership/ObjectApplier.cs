using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Ownership;
using Kybernet.Api.Yaml;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest.Ownership;

/// <summary>Server-side apply (KEP-555): a client says all that it wants of an object, and the server makes it so, or says whom it would override.</summary>
internal sealed class ObjectApplier(ObjectStorage storage, ObjectCreator creator, ObjectUpdater updater, IAuthorizer authorizer, TimeProvider time)
{
    /// <summary>The media type of a configuration.</summary>
    public const string MediaType = "application/apply-patch+yaml";

    private const string FirstManager = "before-first-apply";
    private const string Status = "status";
    private const int Attempts = 5;

    /// <summary>Whether a patch is an application.</summary>
    public static bool Handles(ApiRequest request) => request.ContentType.Split(';')[0].Trim() == MediaType;

    /// <summary>Applies the configuration in a request's body.</summary>
    /// <returns>The object, and whether it was made by this.</returns>
    /// <exception cref="ApiError">The configuration is malformed, others have what it would change, or the object that it makes is invalid or turned away.</exception>
    public async Task<(EncodedObject Object, bool Created)> ApplyAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var options = WriteOptions.Parse(request.Query);
        var manager = FieldManagerName.OfApplier(request);
        var isForced = WriteOptions.IsForced(request.Query);
        var configuration = Read(endpoint, request, options.FieldValidation);
        var writer = OwnershipRecorder.WriterOf(request, manager, ManagedEntry.Apply, configuration, time.GetUtcNow());
        await storage.CatchUpAsync(cancellationToken);
        if (endpoint.Cache.Get(Storage.StorageKey.Local(request.Info.Namespace, request.Info.Name)) is null && request.Info.Subresource.Length == 0)
        {
            await AuthorizeCreationAsync(request, cancellationToken);
            try
            {
                return (await CreateAsync(endpoint, request, configuration, writer, options.DryRun, cancellationToken), true);
            }
            catch (ApiError error) when (error.Status.Reason == "AlreadyExists")
            {
                // Somebody was faster: then it is a change.
            }
        }
        IReadOnlyList<ManagedEntry> owners = [];
        var update = new UpdateRequest(endpoint, request, request.Info.Subresource, options.DryRun)
        {
            Attempts = Attempts,
            Change = (current, live) => Explain(endpoint, request, () =>
            {
                CheckRevision(endpoint, configuration, current);
                (var changed, owners) = Apply(endpoint, live, configuration, writer, isForced);
                return changed;
            }),
            Owners = () => owners,
        };
        return (await updater.UpdateAsync(update, cancellationToken), false);
    }

    private static (JsonObject Object, IReadOnlyList<ManagedEntry> Owners) Apply(
        ResourceEndpoint endpoint, JsonObject live, JsonObject configuration, ManagedEntry writer, bool isForced)
    {
        var schema = endpoint.Stored.Schema;
        var owners = ManagedFields.Read(MetadataTree.Of(live));
        ManagedFields.Write(MetadataTree.Of(live), []);
        if (owners.Count == 0)
        {
            // Whoever wrote it until now is one, whose fields are not taken unasked.
            owners = FieldOwnership.Record([], FieldOwnership.Compare([], live, schema), writer with { Manager = FirstManager, Operation = ManagedEntry.Update, Subresource = "" });
        }
        var noted = LastApplied.FieldsOf(writer, live, schema);
        var result = FieldOwnership.Apply(owners, live, configuration, schema, writer, fields => isForced ? fields : noted);
        LastApplied.Note(writer, result.Object, configuration);
        return result;
    }

    private Task<EncodedObject> CreateAsync(
        ResourceEndpoint endpoint, ApiRequest request, JsonObject configuration, ManagedEntry writer, bool dryRun, CancellationToken cancellationToken)
    {
        var owners = Explain(endpoint, request, () => FieldOwnership.OfNew(configuration, endpoint.Stored.Schema, writer));
        return creator.CreateAsync(endpoint, (JsonObject)configuration.DeepClone(), request, dryRun, cancellationToken, owners);
    }

    private async ValueTask AuthorizeCreationAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var creation = request.Info with { Verb = "create" };
        var decision = await authorizer.AuthorizeAsync(request.User!, creation, cancellationToken);
        if (!decision.Allowed)
        {
            throw ForbiddenError.For(request.User!, creation, decision.Reason);
        }
    }

    private static void CheckRevision(ResourceEndpoint endpoint, JsonObject configuration, EncodedObject current)
    {
        var given = MetadataTree.Text(MetadataTree.Of(configuration), "resourceVersion");
        if (given.Length > 0 && given != current.Header.ResourceVersion)
        {
            throw ApiError.Stale(endpoint.Resource, current.Key.Name);
        }
    }

    private static JsonObject Read(ResourceEndpoint endpoint, ApiRequest request, FieldValidation validation)
    {
        var configuration = BodyDecoder.Decode(ToJson(request), endpoint.Kind, endpoint.Schema, validation, request.Warnings);
        var metadata = MetadataTree.Of(configuration);
        if (metadata.ContainsKey("managedFields"))
        {
            throw ApiError.BadRequest("metadata.managedFields must be nil");
        }
        Require(metadata, "name", request.Info.Name, "the name of the object ({0}) does not match the name on the URL ({1})");
        if (endpoint.Info.Namespaced)
        {
            Require(metadata, "namespace", request.Info.Namespace, "the namespace of the provided object does not match the namespace sent on the request");
        }
        RemoveUnreachable(endpoint, configuration, request.Info.Subresource);
        return endpoint.ToStored(configuration);
    }

    // What a request does not change, whatever it says of it, nobody gets by it either, and it is no conflict.
    private static void RemoveUnreachable(ResourceEndpoint endpoint, JsonObject configuration, string subresource)
    {
        if (subresource != Status)
        {
            if (endpoint.HasStatus)
            {
                configuration.Remove(Status);
            }
            return;
        }
        foreach (var field in configuration.Select(static property => property.Key).Where(static name => name is not ("apiVersion" or "kind" or "metadata" or Status)).ToArray())
        {
            configuration.Remove(field);
        }
        var metadata = MetadataTree.Of(configuration);
        foreach (var field in metadata.Select(static property => property.Key).Where(static name => name is not ("name" or "namespace" or "uid" or "resourceVersion" or "annotations")).ToArray())
        {
            metadata.Remove(field);
        }
    }

    private static void Require(JsonObject metadata, string field, string wanted, string message)
    {
        var given = MetadataTree.Text(metadata, field);
        if (given.Length > 0 && given != wanted)
        {
            throw ApiError.BadRequest(string.Format(System.Globalization.CultureInfo.InvariantCulture, message, given, wanted));
        }
        metadata[field] = wanted;
    }

    // YAML, of which JSON is a part.
    private static byte[] ToJson(ApiRequest request)
    {
        try
        {
            return YamlReader.Read(Encoding.UTF8.GetString(request.Body.Span)) is JsonObject configuration
                ? ModelJson.ToUtf8(configuration)
                : throw ApiError.BadRequest("error decoding YAML: the configuration is no object");
        }
        catch (YamlFormatException exception)
        {
            throw ApiError.BadRequest($"error decoding YAML: {exception.Message}");
        }
    }

    private static T Explain<T>(ResourceEndpoint endpoint, ApiRequest request, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ApplyConflictException conflict)
        {
            throw conflict.ToError();
        }
        catch (OwnershipException exception)
        {
            var name = request.Info.Namespace.Length == 0 ? request.Info.Name : $"{request.Info.Namespace}/{request.Info.Name}";
            throw ApiError.BadRequest($"failed to create typed patch object ({name}; {endpoint.Kind.GroupVersion}, Kind={endpoint.Kind.Kind}): {exception.Message}");
        }
    }
}
