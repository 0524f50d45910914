using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Storage;
using Kybernet.Store;

namespace Kybernet.ApiServer.Rest;

/// <summary>Puts objects into the store and waits until the cache shows them, so that whoever is answered can read what they wrote.</summary>
internal sealed class ObjectStorage(IStore store, StoreFollower follower)
{
    /// <summary>Makes the cache show everything that was written before this was asked.</summary>
    public ValueTask<long> CatchUpAsync(CancellationToken cancellationToken) => follower.CatchUpAsync(cancellationToken);

    /// <summary>Encodes a tree as it would be stored: without its revision.</summary>
    /// <returns>The object, and its metadata, which is decoded once for its header and its validation.</returns>
    public static (EncodedObject Object, ObjectMeta Metadata) Encode(JsonObject item)
    {
        MetadataTree.Of(item).Remove("resourceVersion");
        var json = ModelJson.ToUtf8(item);
        var metadata = ObjectHeader.ReadMetadata(json);
        return (new EncodedObject(json, ObjectHeader.Of(metadata)), metadata);
    }

    /// <summary>Stores a new object.</summary>
    /// <returns>The object as it is served; null where one of that name exists.</returns>
    public Task<EncodedObject?> CreateAsync(ResourceEndpoint endpoint, EncodedObject item, CancellationToken cancellationToken) =>
        WriteAsync(endpoint, item.Key, item, expected: 0, cancellationToken);

    /// <summary>Stores a changed object, if it still is as it was.</summary>
    /// <returns>The object as it is served; null where it has changed in between.</returns>
    public Task<EncodedObject?> UpdateAsync(ResourceEndpoint endpoint, EncodedObject item, EncodedObject previous, CancellationToken cancellationToken) =>
        WriteAsync(endpoint, previous.Key, item, RevisionOf(previous), cancellationToken);

    /// <summary>Removes an object, if it still is as it was.</summary>
    /// <returns>Whether it was.</returns>
    public async Task<bool> DeleteAsync(ResourceEndpoint endpoint, EncodedObject previous, CancellationToken cancellationToken)
    {
        var key = endpoint.StoreKey(previous.Key.Namespace, previous.Key.Name);
        var result = await store.WriteAsync(new Write(key, null, RevisionOf(previous)), cancellationToken);
        await follower.WaitForAsync(result.Revision, cancellationToken);
        return result.Succeeded;
    }

    /// <summary>The revision of an object that came from the cache.</summary>
    public static long RevisionOf(EncodedObject item) => long.Parse(item.Header.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture);

    private async Task<EncodedObject?> WriteAsync(
        ResourceEndpoint endpoint, NamespacedName name, EncodedObject item, long expected, CancellationToken cancellationToken)
    {
        var value = endpoint.Stored.Remote is { } remote ? (await remote.ToStorageAsync(item, cancellationToken)).Json : item.Json;
        var write = new Write(endpoint.StoreKey(name.Namespace, name.Name), value, expected);
        var result = await store.WriteAsync(write, cancellationToken);
        await follower.WaitForAsync(result.Revision, cancellationToken);
        if (!result.Succeeded)
        {
            return null;
        }
        var stored = endpoint.Cache.Get(StorageKey.Local(name.Namespace, name.Name));
        // Somebody may have changed or deleted it since: then what was written is made again, rather than what they made of it shown.
        var written = stored is not null && RevisionOf(stored) == result.Revision
            ? stored
            : EncodedObject.Parse(ResourceVersionSplice.Insert(value.Span, result.Revision));
        return await endpoint.ConvertAsync(written, cancellationToken);
    }
}
