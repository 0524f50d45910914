using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;
using Kybernet.Controllers.Endpoints.Hints;

namespace Kybernet.Controllers.Endpoints;

/// <summary>Wakes the reconcilers of EndpointSlices and Endpoints: for a Service that changed, and for those that select a pod that changed.</summary>
internal static class EndpointsControllers
{
    public static void Add(ControllerContext context)
    {
        AddSlices(context);
        AddMirroring(context);
        AddEndpoints(context);
    }

    private static void AddSlices(ControllerContext context)
    {
        var services = context.Informers.Informer<Service>();
        var pods = context.Informers.Informer<Pod>();
        var nodes = context.Informers.Informer<Node>();
        var slices = context.Informers.Informer<EndpointSlice>();
        var queue = context.Queue("endpointslice");
        WakeOnPods(services, pods, queue);
        WakeOnZones(services, nodes, queue);
        EndpointSliceReconciler.AddIndex(slices);
        var expectations = new Expectations(context.Time);
        WakeOnSlices(slices, SliceLabels.SliceController, expectations, queue);
        var client = context.ClientFor("endpointslice-controller");
        var reconciler = new EndpointSliceReconciler(
            services, pods, nodes, slices, new EndpointSliceWriter(client, expectations), expectations, context.Events(client, "endpoint-slice-controller"));
        context.Run("endpointslice", reconciler, queue, context.Options.Workers);
    }

    private static void AddMirroring(ControllerContext context)
    {
        var services = context.Informers.Informer<Service>();
        var endpoints = context.Informers.Informer<Api.Core.V1.Endpoints>();
        var slices = context.Informers.Informer<EndpointSlice>();
        var queue = context.Queue("endpointslicemirroring");
        queue.WakeOn(services);
        queue.WakeOn(endpoints);
        EndpointSliceMirroringReconciler.AddIndex(slices);
        var expectations = new Expectations(context.Time);
        WakeOnSlices(slices, SliceLabels.MirroringController, expectations, queue);
        var client = context.ClientFor("endpointslicemirroring-controller");
        var reconciler = new EndpointSliceMirroringReconciler(
            services, endpoints, slices, new EndpointSliceWriter(client, expectations), expectations, context.Events(client, "endpoint-slice-mirroring-controller"));
        context.Run("endpointslicemirroring", reconciler, queue, context.Options.Workers);
    }

    private static void AddEndpoints(ControllerContext context)
    {
        var services = context.Informers.Informer<Service>();
        var pods = context.Informers.Informer<Pod>();
        var endpoints = context.Informers.Informer<Api.Core.V1.Endpoints>();
        var queue = context.Queue("endpoint");
        WakeOnPods(services, pods, queue);
        endpoints.AddHandler(new InformerHandler<Api.Core.V1.Endpoints>(onDeleted: deleted => queue.Add(deleted.Metadata.Key())));
        context.Run("endpoint", new EndpointsReconciler(context.ClientFor("endpoint-controller"), services, pods, endpoints), queue, context.Options.Workers);
    }

    private static void WakeOnSlices(IInformer<EndpointSlice> slices, string controller, Expectations expectations, WorkQueue<NamespacedName> queue)
    {
        slices.AddHandler(new InformerHandler<EndpointSlice>(
            added =>
            {
                if (SliceLabels.ServiceOf(added, controller) is { } key)
                {
                    expectations.CreationObserved(key);
                    queue.Add(key);
                }
            },
            (_, current) => Wake(current),
            Wake));

        void Wake(EndpointSlice slice)
        {
            if (SliceLabels.ServiceOf(slice, controller) is { } key)
            {
                queue.Add(key);
            }
        }
    }

    /// <summary>A node that comes, goes, moves to another zone or grows changes what slices say of zones; the rest of what happens to nodes does not.</summary>
    private static void WakeOnZones(IInformer<Service> services, IInformer<Node> nodes, WorkQueue<NamespacedName> queue)
    {
        nodes.AddHandler(new InformerHandler<Node>(
            _ => WakeAll(),
            (previous, current) =>
            {
                if (ZoneCapacity.Of(previous) != ZoneCapacity.Of(current))
                {
                    WakeAll();
                }
            },
            _ => WakeAll()));

        void WakeAll()
        {
            foreach (var service in services.List())
            {
                queue.Add(service.Metadata.Key());
            }
        }
    }

    private static void WakeOnPods(IInformer<Service> services, IInformer<Pod> pods, WorkQueue<NamespacedName> queue)
    {
        queue.WakeOn(services);
        pods.AddHandler(new InformerHandler<Pod>(
            added => WakeSelecting(services, added, queue),
            (previous, current) =>
            {
                WakeSelecting(services, previous, queue);
                WakeSelecting(services, current, queue);
            },
            deleted => WakeSelecting(services, deleted, queue)));
    }

    private static void WakeSelecting(ILister<Service> services, Pod pod, WorkQueue<NamespacedName> queue)
    {
        foreach (var service in services.List(pod.Metadata.Namespace ?? ""))
        {
            if (service.Spec.Selector.Count > 0 && Selector.FromLabels(service.Spec.Selector).Matches(pod.Metadata.Labels))
            {
                queue.Add(service.Metadata.Key());
            }
        }
    }
}
