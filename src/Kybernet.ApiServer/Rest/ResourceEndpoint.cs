using Kybernet.Api;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Rest;

/// <summary>A resource as the verbs see it: what it is called, what its objects look like, what is particular to it, and where they are.</summary>
/// <param name="Info">Names, scope and verbs.</param>
/// <param name="Schema">The type of its objects.</param>
/// <param name="Strategy">What is particular to the kind.</param>
/// <param name="Cache">Its current objects.</param>
/// <param name="Storage">Where it is filed; the same for every version of a resource.</param>
internal sealed record ResourceEndpoint(ResourceInfo Info, TypeSchema Schema, ResourceStrategy Strategy, ResourceCache Cache, GroupResource Storage)
{
    /// <summary>The resource without its version.</summary>
    public GroupResource Resource => Info.Resource.GroupResource;

    /// <summary>The kind of its objects.</summary>
    public GroupVersionKind Kind => Info.Kind;

    /// <summary>Whether <c>status</c> is written apart from the rest.</summary>
    public bool HasStatus { get; } = Info.Subresource("status") is not null;

    /// <summary>The key of an object in the store.</summary>
    public string StoreKey(string @namespace, string name) => StorageKey.Prefix(Storage) + StorageKey.Local(@namespace, name);

    /// <summary>The object that a request names.</summary>
    /// <exception cref="ApiError">404: there is none.</exception>
    public EncodedObject Require(string @namespace, string name) =>
        Cache.Get(StorageKey.Local(Info.Namespaced ? @namespace : "", name)) ?? throw ApiError.NotFound(Resource, name);
}
