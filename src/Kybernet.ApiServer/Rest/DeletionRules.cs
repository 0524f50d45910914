using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Rest;

/// <summary>When a deleted object may really go.</summary>
internal static class DeletionRules
{
    /// <summary>The finalizer of a deletion that waits for dependents (<c>propagationPolicy: Foreground</c>).</summary>
    public const string ForegroundFinalizer = "foregroundDeletion";

    /// <summary>The finalizer of a deletion that lets dependents live (<c>propagationPolicy: Orphan</c>).</summary>
    public const string OrphanFinalizer = "orphan";

    /// <summary>Whether an object is deleted, its grace period over, and nothing holds it back any more.</summary>
    public static bool IsComplete(ResourceEndpoint endpoint, JsonObject item)
    {
        var metadata = MetadataTree.Of(item);
        return MetadataTree.Text(metadata, "deletionTimestamp").Length > 0
            && (MetadataTree.Number(metadata, "deletionGracePeriodSeconds") ?? 0) == 0
            && MetadataTree.Finalizers(metadata).Count == 0
            && endpoint.Strategy.MayBeRemoved(item);
    }
}
