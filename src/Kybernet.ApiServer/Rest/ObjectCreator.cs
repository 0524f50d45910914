using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest.Ownership;

namespace Kybernet.ApiServer.Rest;

/// <summary>Makes objects.</summary>
internal sealed class ObjectCreator(ObjectStorage storage, AdmissionChain admission, TimeProvider time)
{
    /// <summary>How often a generated name that is taken is made anew (KEP-4420).</summary>
    private const int NameAttempts = 8;

    /// <summary>Makes the object in a request's body.</summary>
    /// <exception cref="ApiError">The object is malformed, invalid, turned away, or there already.</exception>
    public Task<EncodedObject> CreateAsync(ResourceEndpoint endpoint, ApiRequest request, CancellationToken cancellationToken)
    {
        var options = WriteOptions.Parse(request.Query);
        var item = BodyDecoder.Decode(request, endpoint.Kind, endpoint.Schema, options.FieldValidation);
        return CreateAsync(endpoint, endpoint.ToStored(item), request, options.DryRun, cancellationToken);
    }

    /// <summary>Makes an object that is decoded already, in the form that is stored.</summary>
    /// <param name="endpoint">Its resource.</param>
    /// <param name="item">The object.</param>
    /// <param name="request">Who asks.</param>
    /// <param name="dryRun">Whether nothing is stored.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="owners">Who has which of its fields; null where whoever asks has those that they gave.</param>
    /// <exception cref="ApiError">The object is invalid, turned away, or there already.</exception>
    public async Task<EncodedObject> CreateAsync(
        ResourceEndpoint endpoint,
        JsonObject item,
        ApiRequest request,
        bool dryRun,
        CancellationToken cancellationToken,
        IReadOnlyList<ManagedEntry>? owners = null)
    {
        var context = new WriteContext(request.User!, time.GetUtcNow(), dryRun);
        Prepare(endpoint, item, request, owners, context);
        var metadata = MetadataTree.Of(item);
        var generateName = MetadataTree.Text(metadata, "generateName");
        var isGenerated = generateName.Length > 0 && MetadataTree.Text(metadata, "name").Length == 0;
        if (isGenerated)
        {
            metadata["name"] = NameGenerator.Generate(generateName);
        }
        var followUps = new WriteFollowUps();
        try
        {
            await AdmitAsync(endpoint, item, request, dryRun, followUps, cancellationToken);
            var created = await StoreAsync(endpoint, item, request, dryRun, isGenerated, cancellationToken);
            await followUps.RunAsync(WriteEnd.Stored, cancellationToken);
            return created;
        }
        catch (ApiError)
        {
            await followUps.RunAsync(WriteEnd.Refused, cancellationToken);
            throw;
        }
    }

    private async Task<EncodedObject> StoreAsync(
        ResourceEndpoint endpoint, JsonObject item, ApiRequest request, bool dryRun, bool isGenerated, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var encoded = Validate(endpoint, item, request);
            if (dryRun)
            {
                await storage.CatchUpAsync(cancellationToken);
                return endpoint.Cache.Get(Storage.StorageKey.Local(encoded.Key.Namespace, encoded.Key.Name)) is null
                    ? encoded
                    : throw ApiError.AlreadyExists(endpoint.Resource, encoded.Key.Name);
            }
            if (await storage.CreateAsync(endpoint, encoded, cancellationToken) is { } created)
            {
                return created;
            }
            if (!isGenerated || attempt == NameAttempts)
            {
                throw ApiError.AlreadyExists(endpoint.Resource, encoded.Key.Name);
            }
            var metadata = MetadataTree.Of(item);
            metadata["name"] = NameGenerator.Generate(MetadataTree.Text(metadata, "generateName"));
        }
    }

    private static void Prepare(
        ResourceEndpoint endpoint, JsonObject item, ApiRequest request, IReadOnlyList<ManagedEntry>? owners, WriteContext context)
    {
        var metadata = MetadataTree.Of(item);
        if (MetadataTree.Text(metadata, "resourceVersion") is not ("" or "0"))
        {
            throw ApiError.BadRequest("resourceVersion should not be set on objects to be created");
        }
        PlaceInNamespace(endpoint, metadata, request.Info);
        foreach (var field in (ReadOnlySpan<string>)["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
        {
            metadata.Remove(field);
        }
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = MetadataTree.Time(context.Now);
        if (endpoint.HasStatus && !endpoint.Strategy.TakesStatusOnCreate)
        {
            item.Remove("status");
        }
        ApplyDefaults(endpoint, item);
        if (owners is null)
        {
            OwnershipRecorder.RecordNew(item, endpoint.Stored.Schema, request, context.Now);
        }
        else
        {
            ManagedFields.Write(metadata, owners);
        }
        endpoint.Strategy.PrepareForCreate(item, context);
        if (endpoint.HasStatus && endpoint.Strategy.HasStatusFromStart)
        {
            item["status"] ??= new JsonObject();
        }
        if (endpoint.Strategy.HasGeneration)
        {
            metadata["generation"] = 1;
        }
    }

    private static void PlaceInNamespace(ResourceEndpoint endpoint, JsonObject metadata, RequestInfo info)
    {
        var own = MetadataTree.Text(metadata, "namespace");
        if (!endpoint.Info.Namespaced)
        {
            metadata.Remove("namespace");
            return;
        }
        if (info.Namespace.Length == 0)
        {
            throw ApiError.BadRequest("an empty namespace may not be set during creation");
        }
        if (own.Length > 0 && own != info.Namespace)
        {
            throw ApiError.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
        metadata["namespace"] = info.Namespace;
    }

    /// <summary>Static defaults first: those of the strategy look at them.</summary>
    internal static void ApplyDefaults(ResourceEndpoint endpoint, JsonObject item)
    {
        Kybernet.Api.Schema.SchemaDefaults.Apply(item, endpoint.Stored.Schema);
        endpoint.Strategy.Default(item);
    }

    private async ValueTask AdmitAsync(
        ResourceEndpoint endpoint, JsonObject item, ApiRequest request, bool dryRun, WriteFollowUps followUps, CancellationToken cancellationToken)
    {
        if (!admission.Concerns(AdmissionOperation.Create, endpoint.Info.Resource, ""))
        {
            return;
        }
        var metadata = MetadataTree.Of(item);
        var write = new AdmissionRequest(
            AdmissionOperation.Create,
            endpoint.Info.Resource,
            endpoint.Kind,
            "",
            MetadataTree.Text(metadata, "namespace"),
            MetadataTree.Text(metadata, "name"),
            request.User!)
        {
            Object = item,
            DryRun = dryRun,
            Warnings = request.Warnings,
            FollowUps = followUps,
            AuditAnnotations = request.AuditAnnotations,
        };
        await admission.MutateAsync(write, cancellationToken);
        if (write.IsChanged)
        {
            ApplyDefaults(endpoint, item);
        }
        await admission.ValidateAsync(write, cancellationToken);
    }

    private static EncodedObject Validate(ResourceEndpoint endpoint, JsonObject item, ApiRequest request)
    {
        var (encoded, metadata) = ObjectStorage.Encode(item);
        var errors = new FieldErrors();
        MetadataRules.ValidateCreate(endpoint, metadata, errors);
        endpoint.Strategy.ValidateCreate(encoded, errors);
        if (!errors.IsEmpty)
        {
            throw ApiError.Invalid(endpoint.Kind, encoded.Key.Name, errors.Items);
        }
        request.Warnings.AddRange(endpoint.Strategy.Warnings(encoded));
        return encoded;
    }
}
