using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;
using Kybernet.Controllers.Endpoints;

namespace Kybernet.Controllers.LoadBalancers;

/// <summary>Wakes the reconciler of load balancers: for a Service that changed, and for all of them when the pools or the nodes that take traffic did.</summary>
internal static class LoadBalancerController
{
    public static void Add(ControllerContext context)
    {
        var services = context.Informers.Informer<Service>();
        var nodes = context.Informers.Informer<Node>();
        var slices = context.Informers.Informer<EndpointSlice>();
        var maps = context.Informers.Informer<ConfigMap>(AddressPools.MapNamespace, new ListSelection(FieldSelector: $"metadata.name={AddressPools.MapName}"));
        var queue = context.Queue("service");
        services.AddHandler(new InformerHandler<Service>(
            added => Wake(queue, added),
            (_, current) => Wake(queue, current),
            deleted => queue.Add(deleted.Metadata.Key())));
        nodes.AddHandler(new InformerHandler<Node>(
            _ => WakeAll(queue, services),
            (previous, current) =>
            {
                if (BalancedNodes.Describe(previous) != BalancedNodes.Describe(current))
                {
                    WakeAll(queue, services);
                }
            },
            _ => WakeAll(queue, services)));
        maps.AddHandler(new InformerHandler<ConfigMap>(_ => WakeAll(queue, services), (_, _) => WakeAll(queue, services), _ => WakeAll(queue, services)));
        BalancedNodes.AddIndex(slices);
        slices.AddHandler(new InformerHandler<EndpointSlice>(
            added => WakeOwner(queue, services, added), (_, current) => WakeOwner(queue, services, current), deleted => WakeOwner(queue, services, deleted)));
        var client = context.ClientFor("service-controller");
        var reconciler = new LoadBalancerReconciler(client, services, maps, new BalancedNodes(nodes, slices), context.Events(client, "service-controller"));
        context.Run("service", reconciler, queue, 1);
    }

    private static void WakeAll(WorkQueue<NamespacedName> queue, ILister<Service> services)
    {
        foreach (var service in services.List())
        {
            Wake(queue, service);
        }
    }

    /// <summary>Where the endpoints are matters only under the policy Local.</summary>
    private static void WakeOwner(WorkQueue<NamespacedName> queue, ILister<Service> services, EndpointSlice slice)
    {
        if (slice.Metadata.Labels.TryGetValue(SliceLabels.Service, out var name)
            && services.Get(new NamespacedName(slice.Metadata.Namespace ?? "", name)) is { Spec.ExternalTrafficPolicy: "Local" } service)
        {
            Wake(queue, service);
        }
    }

    private static void Wake(WorkQueue<NamespacedName> queue, Service service)
    {
        if (LoadBalancerReconciler.Concerns(service))
        {
            queue.Add(service.Metadata.Key());
        }
    }
}
