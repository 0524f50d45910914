using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Attachment;
using Kybernet.Network.Ingresses.Backends;

namespace Kybernet.Network.Gateways;

/// <summary>
/// Wakes the reconciler: a Gateway that changed, the Gateways that a route names, and all of them when something changed that any could depend on.
/// Endpoints come and go without it.
/// </summary>
internal sealed class GatewayWatches(GatewayCaches caches, BackendSet backends, WorkQueue<NamespacedName> queue)
{
    public void Start()
    {
        caches.Gateways.AddHandler(OnChange<Gateway>(gateway => queue.Add(gateway.Metadata.Key())));
        caches.HttpRoutes.AddHandler(OnChange<HTTPRoute>(route => WakeParents(route.Metadata, route.Spec.ParentRefs, route.Status)));
        caches.GrpcRoutes.AddHandler(OnChange<GRPCRoute>(route => WakeParents(route.Metadata, route.Spec.ParentRefs, route.Status)));
        caches.TlsRoutes.AddHandler(OnChange<TLSRoute>(route => WakeParents(route.Metadata, route.Spec.ParentRefs, route.Status)));
        caches.Classes.AddHandler(OnChange<GatewayClass>(_ => WakeAll()));
        caches.Grants.AddHandler(OnChange<ReferenceGrant>(_ => WakeAll()));
        caches.Policies.AddHandler(OnChange<BackendTLSPolicy>(_ => WakeAll()));
        caches.Secrets.AddHandler(OnChange<Secret>(_ => WakeAll()));
        caches.Maps.AddHandler(OnData<ConfigMap>(static map => map.Data.ContainsKey(AuthorityMaps.Key), WakeAll));
        caches.Namespaces.AddHandler(new InformerHandler<Namespace>(_ => WakeAll(), OnRelabelled, _ => WakeAll()));
        caches.Services.AddHandler(new InformerHandler<Service>(OnService, OnService, OnService));
        caches.Slices.AddHandler(OnChange<EndpointSlice>(slice =>
        {
            if (BackendSet.ServiceOf(slice) is { } key)
            {
                backends.Refresh(key);
            }
        }));
    }

    /// <summary>What was there before may name a Gateway that it names no longer.</summary>
    private static InformerHandler<T> OnChange<T>(Action<T> action)
        where T : class => new(
        action,
        (previous, current) =>
        {
            action(previous);
            action(current);
        },
        action);

    private static InformerHandler<T> OnData<T>(Func<T, bool> concerns, Action action)
        where T : class => OnChange<T>(item =>
        {
            if (concerns(item))
            {
                action();
            }
        });

    private void WakeAll()
    {
        foreach (var gateway in caches.Gateways.List())
        {
            queue.Add(gateway.Metadata.Key());
        }
    }

    private void WakeParents(ObjectMeta metadata, IReadOnlyList<ParentReference> parents, RouteStatus status)
    {
        foreach (var gateway in Route.GatewaysOf(metadata, parents, status))
        {
            var slash = gateway.IndexOf('/');
            queue.Add(new NamespacedName(gateway[..slash], gateway[(slash + 1)..]));
        }
    }

    private void OnRelabelled(Namespace previous, Namespace current)
    {
        if (!previous.Metadata.Labels.OrderBy(static label => label.Key).SequenceEqual(current.Metadata.Labels.OrderBy(static label => label.Key)))
        {
            WakeAll();
        }
    }

    private void OnService(Service service)
    {
        backends.Refresh(service.Metadata.Key());
        WakeAll();
    }

    private void OnService(Service previous, Service current)
    {
        backends.Refresh(current.Metadata.Key());
        if (current.Metadata.Controller() is { Kind: GatewayApi.Kinds.Gateway } owner)
        {
            queue.Add(new NamespacedName(current.Metadata.Namespace ?? "", owner.Name)); // it may have its address now
        }
        else if (!ModelJson.Same(previous.Spec, current.Spec))
        {
            WakeAll();
        }
    }
}
