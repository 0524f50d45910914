using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Rest;

/// <summary>What a deletion came to.</summary>
/// <param name="Object">The object: as it last was, or as it waits to go.</param>
/// <param name="IsGone">Whether it is gone, or only marked.</param>
internal readonly record struct Deletion(EncodedObject Object, bool IsGone);

/// <summary>
/// Deletes objects: at once, or, where a grace period, a finalizer or the kind itself holds them back, by marking them with a
/// <c>deletionTimestamp</c> that whoever holds them back acts on.
/// </summary>
internal sealed class ObjectDeleter(ObjectStorage storage, AdmissionChain admission, TimeProvider time)
{
    /// <summary>Reads the options of a deletion: the body has them, or the query.</summary>
    /// <exception cref="ApiError">400: they are malformed, or contradict each other.</exception>
    public static DeleteOptions OptionsOf(ApiRequest request)
    {
        var options = DeleteOptions.Empty;
        if (!request.Body.IsEmpty)
        {
            try
            {
                options = ModelJson.Parse<DeleteOptions>(BodyDecoder.ToJson(request));
            }
            catch (JsonException exception)
            {
                throw ApiError.BadRequest($"error decoding DeleteOptions: {exception.Message}");
            }
        }
        options = WithQuery(options, request.Query);
        if (options is { PropagationPolicy: not null, OrphanDependents: not null })
        {
            throw Invalid("propagationPolicy", "Invalid value: \"" + options.PropagationPolicy + "\": orphanDependents and deletionPropagation cannot be both set");
        }
        if (options.PropagationPolicy is not (null or "Foreground" or "Background" or "Orphan"))
        {
            throw Invalid(
                "propagationPolicy",
                $"Unsupported value: \"{options.PropagationPolicy}\": supported values: \"Background\", \"Foreground\", \"Orphan\", \"nil\"");
        }
        if (options.DryRun.Any(value => value != "All"))
        {
            throw Invalid("dryRun", $"Unsupported value: \"{options.DryRun[0]}\": supported values: \"All\"");
        }
        return options;
    }

    /// <summary>Deletes an object.</summary>
    /// <exception cref="ApiError">There is no such object, a precondition does not hold, or the deletion is turned away.</exception>
    public async Task<Deletion> DeleteAsync(
        ResourceEndpoint endpoint, ApiRequest request, string @namespace, string name, DeleteOptions options, CancellationToken cancellationToken)
    {
        var dryRun = options.DryRun.Count > 0;
        while (true)
        {
            await storage.CatchUpAsync(cancellationToken);
            var current = await endpoint.RequireAsync(@namespace, name, cancellationToken);
            CheckPreconditions(endpoint, current, options.Preconditions);
            var followUps = new WriteFollowUps();
            await AdmitAsync(endpoint, request, current, dryRun, followUps, cancellationToken);
            var item = ModelJson.ParseTree(current.Json.Span)!.AsObject();
            var changed = Mark(endpoint, item, current, options);
            if (DeletionRules.IsComplete(endpoint, item))
            {
                if (dryRun || await storage.DeleteAsync(endpoint, current, cancellationToken))
                {
                    await followUps.RunAsync(WriteEnd.Gone, cancellationToken);
                    return new Deletion(current, true);
                }
            }
            else if (dryRun || !changed)
            {
                return new Deletion(current, false);
            }
            else if (await storage.UpdateAsync(endpoint, ObjectStorage.Encode(item).Object, current, cancellationToken) is { } marked)
            {
                return new Deletion(marked, false);
            }
            // Somebody changed it in between: look again.
        }
    }

    private static DeleteOptions WithQuery(DeleteOptions options, IQueryCollection query)
    {
        if (query.TryGetValue("gracePeriodSeconds", out var grace))
        {
            options = options with { GracePeriodSeconds = long.TryParse(grace, out var seconds) ? seconds : throw ApiError.BadRequest($"strconv.ParseInt: parsing \"{grace}\": invalid syntax") };
        }
        if (query.TryGetValue("propagationPolicy", out var policy))
        {
            options = options with { PropagationPolicy = policy.ToString() };
        }
        if (query.TryGetValue("orphanDependents", out var orphan))
        {
            options = options with { OrphanDependents = orphan == "true" };
        }
        return query.TryGetValue("dryRun", out var dryRun) ? options with { DryRun = dryRun.Select(value => value ?? "").ToArray() } : options;
    }

    private static ApiError Invalid(string field, string message) =>
        ApiError.Of(422, "Invalid", $"DeleteOptions.meta.k8s.io \"\" is invalid: {field}: {message}");

    private static void CheckPreconditions(ResourceEndpoint endpoint, EncodedObject current, Preconditions? preconditions)
    {
        if (preconditions?.Uid is { } uid && uid != current.Header.Uid)
        {
            throw ApiError.Conflict(
                endpoint.Resource, current.Key.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Header.Uid}");
        }
        if (preconditions?.ResourceVersion is { } revision && revision != current.Header.ResourceVersion)
        {
            throw ApiError.Conflict(
                endpoint.Resource,
                current.Key.Name,
                $"Precondition failed: ResourceVersion in precondition: {revision}, ResourceVersion in object meta: {current.Header.ResourceVersion}");
        }
    }

    private async ValueTask AdmitAsync(
        ResourceEndpoint endpoint, ApiRequest request, EncodedObject current, bool dryRun, WriteFollowUps followUps, CancellationToken cancellationToken)
    {
        if (!admission.Concerns(AdmissionOperation.Delete, endpoint.Info.Resource, ""))
        {
            return;
        }
        var write = new AdmissionRequest(
            AdmissionOperation.Delete, endpoint.Info.Resource, endpoint.Kind, "", current.Key.Namespace, current.Key.Name, request.User!)
        {
            Previous = current,
            DryRun = dryRun,
            Warnings = request.Warnings,
            FollowUps = followUps,
            AuditAnnotations = request.AuditAnnotations,
        };
        await admission.MutateAsync(write, cancellationToken);
        await admission.ValidateAsync(write, cancellationToken);
    }

    /// <summary>Marks an object as deleted.</summary>
    /// <returns>Whether that changed anything: a second deletion changes only what makes the first one quicker or wait for others.</returns>
    private bool Mark(ResourceEndpoint endpoint, JsonObject item, EncodedObject current, DeleteOptions options)
    {
        var metadata = MetadataTree.Of(item);
        var finalizers = PropagationFinalizers(endpoint, current, options);
        var changed = !finalizers.SequenceEqual(current.Header.Finalizers);
        MetadataTree.SetFinalizers(metadata, finalizers);
        var grace = endpoint.Strategy.GracePeriodSeconds(current, options.GracePeriodSeconds) ?? 0;
        if (!current.Header.IsDeleting)
        {
            metadata["deletionTimestamp"] = MetadataTree.Time(time.GetUtcNow().AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            if (endpoint.Strategy.HasGeneration && MetadataTree.Number(metadata, "generation") is { } generation and > 0)
            {
                metadata["generation"] = generation + 1;
            }
            endpoint.Strategy.PrepareForDelete(item);
            return true;
        }
        var remaining = MetadataTree.Number(metadata, "deletionGracePeriodSeconds") ?? 0;
        if (options.GracePeriodSeconds is not null && grace < remaining)
        {
            var began = DateTimeOffset.Parse(MetadataTree.Text(metadata, "deletionTimestamp"), System.Globalization.CultureInfo.InvariantCulture)
                .AddSeconds(-remaining);
            metadata["deletionTimestamp"] = MetadataTree.Time(began.AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            return true;
        }
        return changed;
    }

    /// <summary>The finalizers that an object has when it is deleted so: what is said wins over what was said before, and that over the kind's own way.</summary>
    private static IReadOnlyList<string> PropagationFinalizers(ResourceEndpoint endpoint, EncodedObject current, DeleteOptions options)
    {
        var (orphan, foreground) = options switch
        {
            { OrphanDependents: { } orphans } => (orphans, false),
            { PropagationPolicy: { } policy } => (policy == "Orphan", policy == "Foreground"),
            _ when current.Header.Finalizers.Contains(DeletionRules.OrphanFinalizer) => (true, false),
            _ when current.Header.Finalizers.Contains(DeletionRules.ForegroundFinalizer) => (false, true),
            _ => (endpoint.Strategy.OrphansByDefault, false),
        };
        var finalizers = current.Header.Finalizers
            .Where(name => name is not (DeletionRules.OrphanFinalizer or DeletionRules.ForegroundFinalizer)).ToList();
        if (orphan)
        {
            finalizers.Add(DeletionRules.OrphanFinalizer);
        }
        if (foreground)
        {
            finalizers.Add(DeletionRules.ForegroundFinalizer);
        }
        return finalizers;
    }
}
