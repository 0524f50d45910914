using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.ReplicaSets;

/// <summary>Wakes the reconciler of ReplicaSets and ReplicationControllers: for one that changed, and for that of a pod that changed.</summary>
internal static class ReplicaSetController
{
    public static void Add(ControllerContext context)
    {
        ControllerIndex.Add(context.Informers.Informer<ReplicaSet>());
        Add(context, new ReplicaSetKind(), "replicaset", "replicaset-controller");
        ControllerIndex.Add(context.Informers.Informer<ReplicationController>());
        Add(context, new ReplicationControllerKind(), "replicationcontroller", "replication-controller");
    }

    private static void Add<TSet>(ControllerContext context, IReplicaKind<TSet> kind, string name, string component)
        where TSet : class, IResourceObject<TSet>
    {
        var client = context.ClientFor(component);
        var sets = context.Informers.Informer<TSet>();
        var pods = context.Informers.Informer<Pod>();
        ControllerIndex.Add(pods);
        var queue = context.Queue(name);
        var expectations = new Expectations(context.Time);
        var control = new PodControl(client, context.Events(client, component));
        sets.AddHandler(new InformerHandler<TSet>(onDeleted: deleted => expectations.Forget(deleted.Metadata.Key())));
        queue.WakeOn(sets);
        pods.AddHandler(new OwnedHandler<TSet, Pod>(sets, kind.SelectorOf, queue, expectations));
        context.Run(name, new ReplicaReconciler<TSet>(kind, client, sets, pods, expectations, control, context.Time), queue, context.Options.Workers);
    }
}
