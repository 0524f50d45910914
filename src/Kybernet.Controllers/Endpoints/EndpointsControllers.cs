using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.Endpoints;

/// <summary>Wakes the reconcilers of EndpointSlices and Endpoints: for a Service that changed, and for those that select a pod that changed.</summary>
internal static class EndpointsControllers
{
    public static void Add(ControllerContext context)
    {
        var services = context.Informers.Informer<Service>();
        var pods = context.Informers.Informer<Pod>();
        var nodes = context.Informers.Informer<Node>();
        var slices = context.Informers.Informer<EndpointSlice>();
        var endpoints = context.Informers.Informer<Api.Core.V1.Endpoints>();

        var sliceQueue = context.Queue("endpointslice");
        var expectations = new Expectations(context.Time);
        Wake(services, pods, sliceQueue);
        EndpointSliceReconciler.AddIndex(slices);
        slices.AddHandler(new InformerHandler<EndpointSlice>(
            added =>
            {
                if (EndpointSliceReconciler.ServiceOf(added) is { } key)
                {
                    expectations.CreationObserved(key);
                    sliceQueue.Add(key);
                }
            },
            (_, current) => WakeService(sliceQueue, current),
            deleted => WakeService(sliceQueue, deleted)));
        var sliceReconciler = new EndpointSliceReconciler(context.ClientFor("endpointslice-controller"), services, pods, nodes, slices, expectations);
        context.Run("endpointslice", sliceReconciler, sliceQueue, context.Options.Workers);

        var queue = context.Queue("endpoint");
        Wake(services, pods, queue);
        endpoints.AddHandler(new InformerHandler<Api.Core.V1.Endpoints>(onDeleted: deleted => queue.Add(deleted.Metadata.Key())));
        context.Run("endpoint", new EndpointsReconciler(context.ClientFor("endpoint-controller"), services, pods, endpoints), queue, context.Options.Workers);
    }

    private static void WakeService(WorkQueue<NamespacedName> queue, EndpointSlice slice)
    {
        if (EndpointSliceReconciler.ServiceOf(slice) is { } key)
        {
            queue.Add(key);
        }
    }

    private static void Wake(IInformer<Service> services, IInformer<Pod> pods, WorkQueue<NamespacedName> queue)
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
