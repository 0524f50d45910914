using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.ReplicaSets;

/// <summary>Wakes the ReplicaSet reconciler: for a ReplicaSet that changed, and for that of a pod that changed.</summary>
internal static class ReplicaSetController
{
    public static void Add(ControllerContext context)
    {
        var sets = context.Informers.Informer<ReplicaSet>();
        var pods = context.Informers.Informer<Pod>();
        ControllerIndex.Add(sets);
        ControllerIndex.Add(pods);
        var queue = context.Queue("replicaset");
        var expectations = new Expectations(context.Time);
        var control = new PodControl(context.Client, context.Events("replicaset-controller"));
        sets.AddHandler(new InformerHandler<ReplicaSet>(onDeleted: deleted => expectations.Forget(deleted.Metadata.Key())));
        queue.WakeOn(sets);
        pods.AddHandler(new OwnedHandler<ReplicaSet, Pod>(sets, static set => Selector.From(set.Spec.Selector), queue, expectations));
        context.Run("replicaset", new ReplicaSetReconciler(context.Client, sets, pods, expectations, control, context.Time), queue, context.Options.Workers);
    }
}
