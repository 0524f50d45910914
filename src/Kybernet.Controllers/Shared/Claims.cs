using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>
/// Decides which objects an owner manages: adopts those that match its selector and have no manager, releases those that match no longer.
/// </summary>
/// <typeparam name="TOwner">The kind of the owner.</typeparam>
/// <typeparam name="T">The kind of what it manages.</typeparam>
/// <param name="client">The API server.</param>
/// <param name="owner">Who manages.</param>
/// <param name="matches">Whether labels match the owner's selector.</param>
/// <param name="finalizer">What an adopted object is held by until it is released; null for nothing.</param>
internal sealed class Claims<TOwner, T>(ApiClient client, TOwner owner, Func<IReadOnlyDictionary<string, string>, bool> matches, string? finalizer = null)
    where TOwner : class, IResourceObject<TOwner>
    where T : class, IResourceObject<T>
{
    private bool? _canAdopt;

    /// <summary>The candidates that are the owner's in the end.</summary>
    /// <exception cref="ApiException">An adoption or release was refused for another reason than that the object is gone.</exception>
    public async Task<List<T>> ClaimAsync(IEnumerable<T> candidates, CancellationToken cancellationToken)
    {
        var claimed = new List<T>();
        foreach (var candidate in candidates)
        {
            if (await ClaimAsync(candidate, cancellationToken))
            {
                claimed.Add(candidate);
            }
        }
        return claimed;
    }

    private async Task<bool> ClaimAsync(T candidate, CancellationToken cancellationToken)
    {
        var isOwnerDeleting = owner.Metadata.DeletionTimestamp is not null;
        var isMatch = matches(candidate.Metadata.Labels);
        if (candidate.Metadata.Controller() is { } manager)
        {
            if (manager.Uid != owner.Metadata.Uid)
            {
                return false;
            }
            if (!isMatch && !isOwnerDeleting)
            {
                await ReleaseAsync(candidate, cancellationToken);
            }
            return isMatch;
        }
        if (isOwnerDeleting || !isMatch || candidate.Metadata.DeletionTimestamp is not null)
        {
            return false;
        }
        return await CanAdoptAsync(cancellationToken) && await AdoptAsync(candidate, cancellationToken);
    }

    /// <summary>Asks the server itself, once: a cache may not show yet that the owner is going, and what it adopted then would be deleted with it.</summary>
    private async Task<bool> CanAdoptAsync(CancellationToken cancellationToken)
    {
        if (_canAdopt is { } known)
        {
            return known;
        }
        var fresh = await client.FindAsync<TOwner>(owner.Metadata.Namespace ?? "", owner.Metadata.Name!, cancellationToken);
        _canAdopt = fresh is not null && fresh.Metadata.Uid == owner.Metadata.Uid && fresh.Metadata.DeletionTimestamp is null;
        return _canAdopt.Value;
    }

    private async Task<bool> AdoptAsync(T candidate, CancellationToken cancellationToken)
    {
        var reference = ModelJson.ToTree(OwnerReferences.ControllerOf(owner));
        return await PatchAsync(candidate, reference, "finalizers", cancellationToken);
    }

    private async Task ReleaseAsync(T candidate, CancellationToken cancellationToken)
    {
        try
        {
            await PatchAsync(candidate, new JsonObject { ["$patch"] = "delete", ["uid"] = owner.Metadata.Uid }, "$deleteFromPrimitiveList/finalizers", cancellationToken);
        }
        catch (ApiException exception) when (exception.Code == 422)
        {
            // Either it has no owner any more, or its uid is another's: in both cases it has been released.
        }
    }

    /// <returns>Whether the object is still there.</returns>
    private async Task<bool> PatchAsync(T candidate, JsonObject reference, string finalizers, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject { ["uid"] = candidate.Metadata.Uid, ["ownerReferences"] = new JsonArray(reference) };
        if (finalizer is not null)
        {
            metadata[finalizers] = new JsonArray(JsonValue.Create(finalizer));
        }
        var patch = new JsonObject { ["metadata"] = metadata };
        try
        {
            await client.PatchAsync<T>(candidate.Metadata.Namespace ?? "", candidate.Metadata.Name!, "", Patch.Strategic(patch), cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return false;
        }
    }
}
