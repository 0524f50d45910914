using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest.Conversion;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Rest;

/// <summary>How a resource's objects are stored.</summary>
/// <param name="Resource">Where they are filed; the same for every version of the resource.</param>
/// <param name="Schema">Their type in the version that is stored: what defaults and strategies see.</param>
/// <param name="Converter">Turns the served version into that and back; null where they are the same.</param>
/// <param name="Remote">Converts before that as objects are read, and after that as they are written; null where nobody else has to be asked.</param>
internal sealed record StoredForm(GroupResource Resource, TypeSchema Schema, IVersionConverter? Converter, IRemoteConverter? Remote = null);

/// <summary>A resource as the verbs see it: what it is called, what its objects look like, what is particular to it, and where they are.</summary>
/// <param name="Info">Names, scope and verbs.</param>
/// <param name="Schema">The type of its objects as clients see them.</param>
/// <param name="Strategy">What is particular to the kind.</param>
/// <param name="Cache">Its current objects.</param>
/// <param name="Stored">How they are stored.</param>
internal sealed record ResourceEndpoint(ResourceInfo Info, TypeSchema Schema, ResourceStrategy Strategy, ResourceCache Cache, StoredForm Stored)
{
    private readonly ConditionalWeakTable<EncodedObject, EncodedObject> _presented = [];

    /// <summary>The resource without its version.</summary>
    public GroupResource Resource => Info.Resource.GroupResource;

    /// <summary>The kind of its objects.</summary>
    public GroupVersionKind Kind => Info.Kind;

    /// <summary>Whether <c>status</c> is written apart from the rest.</summary>
    public bool HasStatus { get; } = Info.Subresource("status") is not null;

    /// <summary>The key of an object in the store.</summary>
    public string StoreKey(string @namespace, string name) => StorageKey.Prefix(Stored.Resource) + StorageKey.Local(@namespace, name);

    /// <summary>The object that a request names.</summary>
    /// <exception cref="ApiError">404: there is none.</exception>
    public EncodedObject Require(string @namespace, string name) =>
        Cache.Get(StorageKey.Local(Info.Namespaced ? @namespace : "", name)) ?? throw ApiError.NotFound(Resource, name);

    /// <summary>The object that a request names, in this version.</summary>
    /// <exception cref="ApiError">404: there is none. 500: it cannot be converted.</exception>
    public ValueTask<EncodedObject> RequireAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        ConvertAsync(Require(@namespace, name), cancellationToken);

    /// <summary>Stored objects in this version, for <see cref="Present"/> to finish.</summary>
    /// <exception cref="ApiError">500: they cannot be converted.</exception>
    public ValueTask<IReadOnlyList<EncodedObject>> ConvertAsync(IReadOnlyList<EncodedObject> items, CancellationToken cancellationToken) =>
        Stored.Remote?.ConvertAsync(items, cancellationToken) ?? new(items);

    /// <summary>A stored object in this version, for <see cref="Present"/> to finish.</summary>
    /// <exception cref="ApiError">500: it cannot be converted.</exception>
    public async ValueTask<EncodedObject> ConvertAsync(EncodedObject item, CancellationToken cancellationToken) =>
        Stored.Remote is { } remote ? (await remote.ConvertAsync([item], cancellationToken))[0] : item;

    /// <summary>A stored object as clients of this version see it; converted once, and kept for as long as the object is.</summary>
    public EncodedObject Present(EncodedObject item) => Stored.Converter is { } converter
        ? _presented.GetValue(item, stored =>
        {
            var tree = ModelJson.ParseTree(stored.Json.Span)!.AsObject();
            converter.FromStorage(tree);
            var json = ModelJson.ToUtf8(tree);
            return stored.Json.Span.SequenceEqual(json) ? stored : EncodedObject.Parse(json);
        })
        : item;

    /// <summary>An object from a client of this version as it is stored.</summary>
    public JsonObject ToStored(JsonObject item)
    {
        Stored.Converter?.ToStorage(item);
        return item;
    }
}
