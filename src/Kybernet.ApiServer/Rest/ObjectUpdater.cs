using Kybernet.Api.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Schema;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest.Ownership;

namespace Kybernet.ApiServer.Rest;

/// <summary>One change of one object.</summary>
/// <param name="Endpoint">The object's resource.</param>
/// <param name="Request">Who asks, and for what object.</param>
/// <param name="Subresource">The part that may change: <c>status</c>, or empty for everything else; other names only tell admission.</param>
/// <param name="DryRun">Whether nothing is stored.</param>
internal sealed record UpdateRequest(ResourceEndpoint Endpoint, ApiRequest Request, string Subresource, bool DryRun)
{
    /// <summary>
    /// Makes the object as it shall be from the object as it is, whose tree it is given too, to change and return if it likes. Called again where the
    /// object has changed in between.
    /// </summary>
    public required Func<EncodedObject, JsonObject, JsonObject> Change { get; init; }

    /// <summary>Who has which of the object's fields once it is changed; null where the change is an ordinary write, which is accounted for as one.</summary>
    public Func<IReadOnlyList<ManagedEntry>>? Owners { get; init; }

    private static readonly HashSet<string> PartsOfStatus = new(StringComparer.Ordinal) { "metadata", "status" };

    /// <summary>Those fields of the whole object that the change can be of; null where that can be any.</summary>
    public IReadOnlySet<string>? Parts
    {
        get => field ?? (Subresource == "status" ? PartsOfStatus : null);
        init;
    }

    /// <summary>Whether the change can be of nothing but metadata: then the rest has its defaults already, as it was stored with them.</summary>
    public bool OnlyMetadata => Parts is not null && Parts.All(static name => name is "metadata" or "apiVersion" or "kind");

    /// <summary>How often to begin again when the object has changed in between.</summary>
    public int Attempts { get; init; } = int.MaxValue;
}

/// <summary>Changes objects.</summary>
internal sealed class ObjectUpdater(ObjectStorage storage, ObjectCreator creator, AdmissionChain admission, TimeProvider time)
{
    private const string Status = "status";

    /// <summary>Replaces an object, or its status, by the one in a request's body.</summary>
    /// <returns>The object, and whether it was made by this.</returns>
    /// <exception cref="ApiError">The object is malformed, invalid, turned away, or has changed since the client read it.</exception>
    public async Task<(EncodedObject Object, bool Created)> ReplaceAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var options = WriteOptions.Parse(request.Query);
        var body = BodyDecoder.Decode(request, endpoint.Kind, endpoint.Schema, options.FieldValidation);
        CheckIdentity(endpoint, body, request.Info);
        endpoint.ToStored(body);
        var given = MetadataTree.Text(MetadataTree.Of(body), "resourceVersion");
        if (given.Length == 0 && !endpoint.Strategy.AllowsUnconditionalUpdate)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("metadata").Child("resourceVersion"), 0L, "must be specified for an update");
            throw ApiError.Invalid(endpoint.Kind, request.Info.Name, errors.Items);
        }
        if (endpoint.Strategy.AllowsCreateOnUpdate && request.Info.Subresource.Length == 0)
        {
            await storage.CatchUpAsync(cancellationToken);
            if (endpoint.Cache.Get(Storage.StorageKey.Local(request.Info.Namespace, request.Info.Name)) is null && given.Length == 0)
            {
                return (await creator.CreateAsync(endpoint, body, request, options.DryRun, cancellationToken), true);
            }
        }
        var update = new UpdateRequest(endpoint, request, request.Info.Subresource, options.DryRun)
        {
            Change = (current, _) =>
            {
                if (given.Length > 0 && given != current.Header.ResourceVersion)
                {
                    throw ApiError.Stale(endpoint.Resource, request.Info.Name);
                }
                return (JsonObject)body.DeepClone();
            },
        };
        return (await UpdateAsync(update, cancellationToken), false);
    }

    /// <summary>Changes an object, beginning again for as long as others change it in between.</summary>
    /// <exception cref="ApiError">There is no such object, the change is invalid or turned away, or others were faster too often.</exception>
    public async Task<EncodedObject> UpdateAsync(UpdateRequest update, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var followUps = new WriteFollowUps();
            try
            {
                if (await TryUpdateAsync(update, followUps, cancellationToken) is { } updated)
                {
                    return updated;
                }
                if (attempt >= update.Attempts)
                {
                    throw ApiError.Stale(update.Endpoint.Resource, update.Request.Info.Name);
                }
            }
            catch (ApiError)
            {
                await followUps.RunAsync(WriteEnd.Refused, cancellationToken);
                throw;
            }
            await followUps.RunAsync(WriteEnd.Refused, cancellationToken);
        }
    }

    /// <summary>Changes an object once.</summary>
    /// <returns>The object; null where others have changed it in between.</returns>
    private async Task<EncodedObject?> TryUpdateAsync(UpdateRequest update, WriteFollowUps followUps, CancellationToken cancellationToken)
    {
        var endpoint = update.Endpoint;
        await storage.CatchUpAsync(cancellationToken);
        var stored = endpoint.Require(update.Request.Info.Namespace, update.Request.Info.Name);
        var current = await endpoint.ConvertAsync(stored, cancellationToken);
        var previous = ModelJson.ParseTree(current.Json.Span)!.AsObject();
        // Nobody has looked into either tree: a clone shares the bytes, and so does every part that is taken over later.
        var item = update.Change(current, (JsonObject)previous.DeepClone());
        await PrepareAsync(update, item, current, previous, followUps, cancellationToken);
        var (encoded, metadata) = ObjectStorage.Encode(item);
        var change = new ObjectChange(item, encoded, previous, current);
        var isSameSpec = update.Subresource == Status || change.IsSameSpec(endpoint.Strategy.SpecIncludesStatus);
        // Written again unchanged, what is of an earlier storage version becomes one of the present.
        var isSameVersion = endpoint.Stored.Remote?.IsStored(stored) ?? change.IsSame("apiVersion");
        if (isSameSpec && isSameVersion && change.IsSame(Status) && change.IsSameMetadata())
        {
            return current;
        }
        // Where a pod was put is told by the scheduler, and no wish of the pod's maker.
        if (!isSameSpec && update.Subresource != "binding" && endpoint.Strategy.HasGeneration)
        {
            MetadataTree.Of(item)["generation"] = (MetadataTree.Number(MetadataTree.Of(previous), "generation") ?? 0) + 1;
            (encoded, metadata) = ObjectStorage.Encode(item);
        }
        Validate(update, encoded, metadata, current);
        if (update.DryRun)
        {
            return EncodedObject.Parse(Storage.ResourceVersionSplice.Insert(encoded.Json.Span, ObjectStorage.RevisionOf(current)));
        }
        if (DeletionRules.IsComplete(endpoint, item))
        {
            if (!await storage.DeleteAsync(endpoint, current, cancellationToken))
            {
                return null;
            }
            await followUps.RunAsync(WriteEnd.Gone, cancellationToken);
            return EncodedObject.Parse(Storage.ResourceVersionSplice.Insert(encoded.Json.Span, ObjectStorage.RevisionOf(current)));
        }
        if (await storage.UpdateAsync(endpoint, encoded, current, cancellationToken) is not { } written)
        {
            return null;
        }
        await followUps.RunAsync(WriteEnd.Stored, cancellationToken);
        return written;
    }

    private static void CheckIdentity(ResourceEndpoint endpoint, JsonObject body, RequestInfo info)
    {
        var metadata = MetadataTree.Of(body);
        var name = MetadataTree.Text(metadata, "name");
        if (name.Length == 0)
        {
            throw ApiError.BadRequest("name must be provided");
        }
        if (name != info.Name)
        {
            throw ApiError.BadRequest($"the name of the object ({name}) does not match the name on the URL ({info.Name})");
        }
        if (!endpoint.Info.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }
        var own = MetadataTree.Text(metadata, "namespace");
        if (own.Length > 0 && own != info.Namespace)
        {
            throw ApiError.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
        metadata["namespace"] = info.Namespace;
    }

    /// <summary>Restores what the request may not touch, sets defaults, lets admission change it, and counts the generation up.</summary>
    private async ValueTask PrepareAsync(
        UpdateRequest update, JsonObject item, EncodedObject current, JsonObject previous, WriteFollowUps followUps, CancellationToken cancellationToken)
    {
        var endpoint = update.Endpoint;
        var context = new WriteContext(update.Request.User!, time.GetUtcNow(), update.DryRun);
        RestoreMetadata(endpoint, item, current, previous);
        if (update.Subresource == Status)
        {
            var written = MetadataTree.Of(item);
            written.Remove("annotations", out var annotations);
            KeepOnlyStatus(item);
            SchemaDefaults.Apply(item, endpoint.Stored.Schema);
            RestoreAllButStatus(item, previous, annotations);
            foreach (var field in endpoint.Strategy.MetadataOfStatus)
            {
                MetadataTree.Restore(MetadataTree.Of(item), written, field);
            }
            Account(update, item, previous, context.Now);
            endpoint.Strategy.PrepareForStatusUpdate(item, previous, context);
        }
        else
        {
            if (endpoint.HasStatus && update.Subresource.Length == 0)
            {
                MetadataTree.RestorePart(item, previous, Status);
            }
            if (!update.OnlyMetadata || endpoint.Strategy.DefaultsUseMetadata)
            {
                ObjectCreator.ApplyDefaults(endpoint, item);
            }
            Account(update, item, previous, context.Now);
            if (update.Subresource.Length == 0)
            {
                endpoint.Strategy.PrepareForUpdate(item, previous, context);
            }
            else
            {
                endpoint.Strategy.PrepareForSubresourceUpdate(update.Subresource, item, previous, context);
            }
        }
        await AdmitAsync(update, item, current, followUps, cancellationToken);
    }

    // What strategies and admission add is nobody's. A pod's binding and its deletion are not asked for by writing fields.
    private static void Account(UpdateRequest update, JsonObject item, JsonObject previous, DateTimeOffset now)
    {
        if (update.Owners is { } owners)
        {
            ManagedFields.Write(MetadataTree.Of(item), owners());
        }
        else if (update.Request.Info.Verb is "update" or "patch")
        {
            OwnershipRecorder.RecordChange(update, item, previous, now);
        }
    }

    private static void RestoreMetadata(ResourceEndpoint endpoint, JsonObject item, EncodedObject current, JsonObject previous)
    {
        var metadata = MetadataTree.Of(item);
        var before = MetadataTree.Of(previous);
        var uid = MetadataTree.Text(metadata, "uid");
        if (uid.Length > 0 && uid != current.Header.Uid)
        {
            throw ApiError.Conflict(
                endpoint.Resource, current.Key.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Header.Uid}");
        }
        foreach (var field in (ReadOnlySpan<string>)[
            "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion", "generateName", "selfLink"])
        {
            MetadataTree.Restore(metadata, before, field);
        }
    }

    /// <summary>Keeps what a write of the status may change: the status, and annotations, by which a Deployment tells its revision.</summary>
    private static void KeepOnlyStatus(JsonObject item)
    {
        foreach (var field in item.Select(property => property.Key).Where(name => name != Status).ToArray())
        {
            item.Remove(field);
        }
    }

    /// <summary>
    /// Takes the rest over, of which nobody has looked into the big parts: they are written as the bytes that they are. Annotations may change with
    /// the status: a Deployment tells its revision in one.
    /// </summary>
    private static void RestoreAllButStatus(JsonObject item, JsonObject previous, JsonNode? annotations)
    {
        item.Remove(Status, out var status);
        foreach (var (field, value) in previous)
        {
            item[field] = value?.DeepClone();
        }
        item[Status] = status;
        if (annotations is not null)
        {
            MetadataTree.Of(item)["annotations"] = annotations;
        }
    }

    private async ValueTask AdmitAsync(
        UpdateRequest update, JsonObject item, EncodedObject current, WriteFollowUps followUps, CancellationToken cancellationToken)
    {
        var endpoint = update.Endpoint;
        if (!admission.Concerns(AdmissionOperation.Update, endpoint.Info.Resource, update.Subresource))
        {
            return;
        }
        var write = new AdmissionRequest(
            AdmissionOperation.Update,
            endpoint.Info.Resource,
            endpoint.Kind,
            update.Subresource,
            current.Key.Namespace,
            current.Key.Name,
            update.Request.User!)
        {
            Object = item,
            Previous = current,
            DryRun = update.DryRun,
            Warnings = update.Request.Warnings,
            FollowUps = followUps,
            AuditAnnotations = update.Request.AuditAnnotations,
        };
        await admission.MutateAsync(write, cancellationToken);
        if (write.IsChanged)
        {
            ObjectCreator.ApplyDefaults(endpoint, item);
        }
        await admission.ValidateAsync(write, cancellationToken);
    }

    private static void Validate(UpdateRequest update, EncodedObject encoded, ObjectMeta metadata, EncodedObject current)
    {
        var endpoint = update.Endpoint;
        var errors = new FieldErrors();
        MetadataRules.ValidateUpdate(metadata, current, errors);
        if (update.Subresource == Status)
        {
            endpoint.Strategy.ValidateStatusUpdate(encoded, current, errors);
        }
        else if (update.Subresource.Length > 0)
        {
            endpoint.Strategy.ValidateSubresourceUpdate(update.Subresource, encoded, current, errors);
        }
        else
        {
            endpoint.Strategy.ValidateUpdate(encoded, current, errors);
            update.Request.Warnings.AddRange(endpoint.Strategy.Warnings(encoded));
        }
        update.Request.Warnings.AddRange(errors.Warnings);
        if (!errors.IsEmpty)
        {
            throw ApiError.Invalid(endpoint.Kind, current.Key.Name, errors.Items);
        }
    }
}
