using Kybernet.Api;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Storage;
using Kybernet.Client;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>
/// Decides which names a definition may have, establishes it, and, when it is deleted, deletes its objects before it goes: what upstream's naming,
/// establishing and finalizing controllers do.
/// </summary>
internal sealed class DefinitionReconciler(StoreFollower follower, CustomResourceCatalog catalog, ApiClient client, TimeProvider time) : IReconciler
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (follower.Cache(DefinitionTypes.Resource).Find("", key.Name) is not { } item)
        {
            return Requeue.OnChange;
        }
        var definition = item.As<CustomResourceDefinition>();
        if (definition.Metadata.DeletionTimestamp is not null)
        {
            return await FinishAsync(definition, cancellationToken);
        }
        var status = Judge(definition);
        if (!ModelJson.Same(status, definition.Status))
        {
            await client.UpdateStatusAsync(definition with { Status = status }, cancellationToken);
        }
        return Requeue.OnChange;
    }

    /// <summary>The status that a definition should have beside all others.</summary>
    private CustomResourceDefinitionStatus Judge(CustomResourceDefinition definition)
    {
        var now = time.GetUtcNow();
        var taken = Others(definition).ToList();
        var names = definition.Spec.Names;
        var conflict = Conflict(names, taken);
        var accepted = conflict is null ? names : definition.Status.AcceptedNames;
        var conditions = DefinitionConditions.Set(
            definition.Status.Conditions,
            conflict is { } reason
                ? new(DefinitionTypes.NamesAccepted, false, reason.Reason, reason.Message)
                : new(DefinitionTypes.NamesAccepted, true, "NoConflicts", "no conflicts found"),
            now);
        if (conflict is null)
        {
            conditions = DefinitionConditions.Set(
                conditions, new(DefinitionTypes.Established, true, "InitialNamesAccepted", "the initial names have been accepted"), now);
        }
        else if (!definition.Is(DefinitionTypes.Established))
        {
            conditions = DefinitionConditions.Set(
                conditions, new(DefinitionTypes.Established, false, "NotAccepted", "not all names are accepted"), now);
        }
        if (DefinitionTypes.IsProtected(definition.Spec.Group))
        {
            conditions = DefinitionConditions.Set(conditions, Approval(definition), now);
        }
        return definition.Status with { AcceptedNames = accepted, Conditions = conditions };
    }

    private static DefinitionCondition Approval(CustomResourceDefinition definition)
    {
        var approval = definition.Metadata.Annotations.GetValueOrDefault(DefinitionTypes.ApprovalAnnotation, "");
        return approval.StartsWith("unapproved", StringComparison.Ordinal)
            ? new(DefinitionTypes.ApprovalCondition, false, "UnapprovedAnnotation", $"not approved: \"{approval}\"")
            : new(DefinitionTypes.ApprovalCondition, true, "ApprovedAnnotation", $"approved in {approval}");
    }

    /// <summary>The names in the same group that others have.</summary>
    private IEnumerable<CustomResourceDefinitionNames> Others(CustomResourceDefinition definition)
    {
        foreach (var (_, item) in follower.Cache(DefinitionTypes.Resource).Snapshot.Items)
        {
            var other = item.As<CustomResourceDefinition>();
            if (other.Spec.Group == definition.Spec.Group && other.Metadata.Name != definition.Metadata.Name && other.Status.AcceptedNames is { } names)
            {
                yield return names;
            }
        }
    }

    private static (string Reason, string Message)? Conflict(CustomResourceDefinitionNames names, List<CustomResourceDefinitionNames> taken)
    {
        var resources = taken.SelectMany(static other => other.ShortNames.Append(other.Plural).Append(other.Singular ?? "")).ToHashSet(StringComparer.Ordinal);
        var kinds = taken.SelectMany(static other => (string[])[other.Kind, other.ListKind ?? ""]).ToHashSet(StringComparer.Ordinal);
        if (resources.Contains(names.Plural))
        {
            return ("PluralConflict", InUse(names.Plural));
        }
        if (names.Singular is { Length: > 0 } singular && resources.Contains(singular))
        {
            return ("SingularConflict", InUse(singular));
        }
        if (names.ShortNames.FirstOrDefault(resources.Contains) is { } shortName)
        {
            return ("ShortNamesConflict", InUse(shortName));
        }
        if (kinds.Contains(names.Kind))
        {
            return ("KindConflict", InUse(names.Kind));
        }
        return names.ListKind is { } listKind && kinds.Contains(listKind) ? ("ListKindConflict", InUse(listKind)) : null;
    }

    private static string InUse(string name) => $"\"{name}\" is already in use";

    /// <summary>Deletes the objects of a definition that is to go; once they are gone, lets it.</summary>
    private async Task<Requeue> FinishAsync(CustomResourceDefinition definition, CancellationToken cancellationToken)
    {
        if (!definition.Metadata.Finalizers.Contains(DefinitionTypes.CleanupFinalizer))
        {
            return Requeue.OnChange;
        }
        var resource = new GroupResource(definition.Spec.Group, definition.Spec.Names.Plural);
        var left = follower.Cache(resource).Snapshot.Items;
        if (left.Count > 0 && Served(resource) is { } served)
        {
            foreach (var @namespace in left.Values.Select(static item => item.Key.Namespace).Distinct().ToArray())
            {
                await DeleteAllAsync(served, @namespace, cancellationToken);
            }
        }
        if (follower.Cache(resource).Snapshot.Items.Count > 0)
        {
            await ExplainAsync(definition, new(DefinitionTypes.Terminating, true, "InstanceDeletionInProgress", "CustomResource deletion is in progress"), cancellationToken);
            return Requeue.In(LookAgainAfter); // finalizers hold objects back
        }
        var finalizers = definition.Metadata.Finalizers.Where(static name => name != DefinitionTypes.CleanupFinalizer).ToArray();
        await client.UpdateAsync(definition with { Metadata = definition.Metadata with { Finalizers = finalizers } }, cancellationToken);
        return Requeue.OnChange;
    }

    /// <summary>A served version; the stored one if it is, for which nothing has to be converted.</summary>
    private GroupVersionResource? Served(GroupResource resource)
    {
        GroupVersionResource? served = null;
        foreach (var (name, version) in catalog.Current.Custom)
        {
            if (name.GroupResource == resource && (served is null || version.StorageVersion.Version == name.Version))
            {
                served = name;
            }
        }
        return served;
    }

    private async Task DeleteAllAsync(GroupVersionResource resource, string @namespace, CancellationToken cancellationToken)
    {
        var scope = @namespace.Length == 0 ? "" : $"namespaces/{@namespace}/";
        var reply = await client.Transport.SendAsync(
            new ApiCall(HttpMethod.Delete, $"/apis/{resource.Group}/{resource.Version}/{scope}{resource.Resource}"), cancellationToken);
        ApiClient.ThrowIfFailed(reply);
    }

    private async Task ExplainAsync(CustomResourceDefinition definition, DefinitionCondition condition, CancellationToken cancellationToken)
    {
        var conditions = DefinitionConditions.Set(definition.Status.Conditions, condition, time.GetUtcNow());
        if (!ReferenceEquals(conditions, definition.Status.Conditions))
        {
            await client.UpdateStatusAsync(definition with { Status = definition.Status with { Conditions = conditions } }, cancellationToken);
        }
    }
}
