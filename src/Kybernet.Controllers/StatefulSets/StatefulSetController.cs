using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;

namespace Kybernet.Controllers.StatefulSets;

/// <summary>Wakes the StatefulSet reconciler: for a StatefulSet that changed, and for that of a pod that changed.</summary>
internal static class StatefulSetController
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("statefulset-controller");
        var sets = context.Informers.Informer<StatefulSet>();
        var pods = context.Informers.Informer<Pod>();
        var revisions = context.Informers.Informer<ControllerRevision>();
        ControllerIndex.Add(pods);
        ControllerIndex.Add(revisions);
        var queue = context.Queue("statefulset");
        queue.WakeOn(sets);
        pods.AddHandler(new OwnedHandler<StatefulSet, Pod>(sets, static set => Selector.From(set.Spec.Selector), queue, expectations: null));
        var events = context.Events(client, "statefulset-controller");
        var claims = new StatefulClaims(client, context.Informers.Informer<PersistentVolumeClaim>(), events);
        var control = new StatefulPodControl(client, claims, events);
        var reconciler = new StatefulSetReconciler(client, sets, pods, revisions, control, claims, context.Time);
        context.Run("statefulset", reconciler, queue, context.Options.Workers);
    }
}
