using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Rest;

/// <summary>The resources that are served.</summary>
internal sealed class EndpointRegistry(ResourceRegistry registry, StrategyRegistry strategies, StoreFollower follower)
{
    private readonly ConcurrentDictionary<GroupVersionResource, ResourceEndpoint?> _endpoints = new();

    /// <summary>The resources by their names and versions.</summary>
    public ResourceRegistry Resources => registry;

    /// <summary>A resource; null where it is not served.</summary>
    public ResourceEndpoint? Find(GroupVersionResource resource) => _endpoints.GetOrAdd(resource, Build);

    /// <summary>The cache of a resource, whichever version it is asked for in.</summary>
    public ResourceCache Cache(GroupResource resource) => follower.Cache(resource);

    /// <summary>What gives the value of the field that a resource's watches are indexed by; null for none.</summary>
    public static Func<GroupResource, Func<EncodedObject, string?>?> IndexedField(StrategyRegistry strategies) => resource =>
    {
        var strategy = strategies.For(resource);
        return strategy.IndexedField is { } field ? item => strategy.SelectableField(item, field) : null;
    };

    private ResourceEndpoint? Build(GroupVersionResource resource)
    {
        if (registry.Find(resource) is not { IsSubresource: false } info || ResourceSchema.BuiltIn.Find(info.Kind) is not { } schema)
        {
            return null;
        }
        var storage = resource.GroupResource;
        return new ResourceEndpoint(info, schema, strategies.For(storage), follower.Cache(storage), storage);
    }
}
