using Kybernet.Api.Autoscaling.V2;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.HorizontalPodAutoscalers;

/// <summary>Wakes the autoscalers' reconciler when one is made or its spec changes; then it wakes itself.</summary>
internal static class AutoscalerController
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("horizontal-pod-autoscaler");
        var scalers = context.Informers.Informer<HorizontalPodAutoscaler>();
        var queue = context.Queue("horizontalpodautoscaler");
        scalers.AddHandler(new InformerHandler<HorizontalPodAutoscaler>(
            added => queue.Add(added.Metadata.Key()),
            (previous, current) =>
            {
                // Its own status is no news: it would measure without pause.
                if (!ModelJson.Same(previous.Spec, current.Spec))
                {
                    queue.Add(current.Metadata.Key());
                }
            },
            deleted => queue.Add(deleted.Metadata.Key())));
        var kinds = new ServedKinds(client);
        var reconciler = new AutoscalerReconciler(
            client, scalers, context.Informers.Informer<Pod>(), new Scales(client, kinds), new MetricsReader(client, kinds),
            context.Events(client, "horizontal-pod-autoscaler"), context.Options.HorizontalPodAutoscalerSyncPeriod, context.Time);
        context.Run("horizontalpodautoscaler", reconciler, queue, context.Options.Workers);
    }
}
