using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Ownership;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest.Ownership;

/// <summary>Writes into an object that is about to be stored who has which of its fields.</summary>
internal static class OwnershipRecorder
{
    private const string Field = ManagedFields.Field;

    /// <summary>Who writes by a request.</summary>
    /// <param name="request">The write.</param>
    /// <param name="manager">The writer's name.</param>
    /// <param name="operation">How it writes.</param>
    /// <param name="item">The object, which says the version in which it is.</param>
    /// <param name="now">When.</param>
    public static ManagedEntry WriterOf(ApiRequest request, string manager, string operation, JsonObject item, DateTimeOffset now) =>
        new(manager, operation, JsonValues.String(item["apiVersion"]) ?? "", request.Info.Subresource) { Time = MetadataTree.Time(now).GetValue<string>() };

    /// <summary>Accounts for a new object.</summary>
    /// <exception cref="ApiError">422: the writer's name will not do.</exception>
    public static void RecordNew(JsonObject item, TypeSchema schema, ApiRequest request, DateTimeOffset now)
    {
        var metadata = MetadataTree.Of(item);
        var writer = WriterOf(request, FieldManagerName.Of(request, "CreateOptions"), ManagedEntry.Update, item, now) with { Subresource = "" };
        var known = ManagedFields.IsReset(metadata) ? [] : ManagedFields.Read(metadata);
        metadata.Remove(Field);
        if (TryCompare([], item, schema, parts: null) is { } comparison)
        {
            ManagedFields.Write(metadata, FieldOwnership.Record(known, comparison, writer));
        }
    }

    /// <summary>Accounts for a change.</summary>
    /// <exception cref="ApiError">422: the writer's name will not do.</exception>
    public static void RecordChange(UpdateRequest update, JsonObject item, JsonObject previous, DateTimeOffset now)
    {
        var metadata = MetadataTree.Of(item);
        TakeAccount(metadata, MetadataTree.Of(previous), isWhole: update.Subresource.Length == 0);
        if (metadata[Field] is null || TryCompare(previous, item, update.Endpoint.Stored.Schema, update.Parts) is not { IsEmpty: false } comparison)
        {
            return; // an object that was never accounted for stays so until somebody applies to it
        }
        var options = update.Request.Info.Verb == "patch" ? "PatchOptions" : "UpdateOptions";
        var writer = WriterOf(update.Request, FieldManagerName.Of(update.Request, options), ManagedEntry.Update, item, now);
        ManagedFields.Write(metadata, FieldOwnership.Record(ManagedFields.Read(metadata), comparison, writer));
    }

    // A client may change the account by writing the object, and clears it by one empty entry. One that leaves it out, as those do who know nothing of it, does not.
    private static void TakeAccount(JsonObject metadata, JsonObject before, bool isWhole)
    {
        if (metadata[Field] is { } given && ModelJson.Same(given, before[Field]))
        {
            return;
        }
        if (isWhole && ManagedFields.IsReset(metadata))
        {
            metadata.Remove(Field);
        }
        else if (!isWhole || ManagedFields.Read(metadata).Count == 0)
        {
            ManagedFields.Restore(metadata, before);
        }
    }

    // Lists that cannot be told item from item can be stored, and not be accounted for.
    private static FieldComparison? TryCompare(JsonObject before, JsonObject after, TypeSchema schema, IReadOnlySet<string>? parts)
    {
        try
        {
            return FieldOwnership.Compare(before, after, schema, parts);
        }
        catch (OwnershipException)
        {
            return null;
        }
    }
}
