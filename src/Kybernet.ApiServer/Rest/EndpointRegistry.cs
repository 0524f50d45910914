using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest.Conversion;
using Kybernet.ApiServer.Storage;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.Rest;

/// <summary>The resources that are served.</summary>
internal sealed class EndpointRegistry(CustomResourceCatalog catalog, StrategyRegistry strategies, StoreFollower follower, WebhookConnections webhooks)
{
    private readonly ConcurrentDictionary<GroupVersionResource, ResourceEndpoint> _endpoints = new();

    /// <summary>The resources by their names and versions.</summary>
    public ResourceRegistry Resources => catalog.Current.Registry;

    /// <summary>A resource; null where it is not served.</summary>
    public ResourceEndpoint? Find(GroupVersionResource resource)
    {
        if (catalog.Current.Custom.TryGetValue(resource, out var custom))
        {
            return custom.Endpoint(follower, webhooks);
        }
        // What is not served is not remembered: clients may ask for anything.
        return _endpoints.TryGetValue(resource, out var known) ? known : Build(resource) is { } built ? _endpoints.GetOrAdd(resource, built) : null;
    }

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
        if (ResourceRegistry.Default.Find(resource) is not { IsSubresource: false } info || ResourceSchema.BuiltIn.Find(info.Kind) is not { } schema)
        {
            return null;
        }
        var stored = StoredAs(resource, schema);
        return new ResourceEndpoint(info, schema, strategies.For(stored.Resource), follower.Cache(stored.Resource), stored);
    }

    /// <summary>The resources that are served in more versions or groups than they are stored in.</summary>
    private static StoredForm StoredAs(GroupVersionResource resource, TypeSchema schema) => resource switch
    {
        { Group: "events.k8s.io", Resource: "events" } =>
            new StoredForm(new GroupResource("", "events"), SchemaOf(new GroupVersionKind("", "v1", "Event")), new EventConverter()),
        { Group: "autoscaling", Version: "v1", Resource: "horizontalpodautoscalers" } => new StoredForm(
            resource.GroupResource, SchemaOf(new GroupVersionKind("autoscaling", "v2", "HorizontalPodAutoscaler")), new AutoscalerConverter()),
        _ => new StoredForm(resource.GroupResource, schema, null),
    };

    private static TypeSchema SchemaOf(GroupVersionKind kind) => ResourceSchema.BuiltIn.Find(kind)!;
}
