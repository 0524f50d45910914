using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
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
        sets.AddHandler(new InformerHandler<ReplicaSet>(
            added => queue.Add(Key(added.Metadata)),
            (_, current) => queue.Add(Key(current.Metadata)),
            deleted =>
            {
                expectations.Forget(Key(deleted.Metadata));
                queue.Add(Key(deleted.Metadata));
            }));
        pods.AddHandler(new PodHandler(sets, queue, expectations));
        context.Run("replicaset", new ReplicaSetReconciler(context.Client, sets, pods, expectations, control, context.Time), queue, context.Options.Workers);
    }

    private static NamespacedName Key(ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name ?? "");

    private sealed class PodHandler(ILister<ReplicaSet> sets, WorkQueue<NamespacedName> queue, Expectations expectations) : IInformerHandler<Pod>
    {
        public void OnAdded(Pod added)
        {
            if (added.Metadata.DeletionTimestamp is not null)
            {
                OnDeleted(added); // after a restart, a pod may be seen first when it is already going
                return;
            }
            if (added.Metadata.Controller() is null)
            {
                WakeThoseThatMayAdopt(added);
            }
            else if (SetOf(added) is { } set)
            {
                expectations.CreationObserved(Key(set.Metadata));
                queue.Add(Key(set.Metadata));
            }
        }

        public void OnUpdated(Pod previous, Pod current)
        {
            if (current.Metadata.DeletionTimestamp is not null)
            {
                // From the moment its deletion begins the pod counts no more, though the kubelet takes a while.
                OnDeleted(current);
                return;
            }
            var before = previous.Metadata.Controller();
            var now = current.Metadata.Controller();
            if (before?.Uid != now?.Uid && before is not null && SetOf(previous) is { } former)
            {
                queue.Add(Key(former.Metadata));
            }
            if (now is null)
            {
                WakeThoseThatMayAdopt(current);
            }
            else if (SetOf(current) is { } set)
            {
                queue.Add(Key(set.Metadata));
            }
        }

        public void OnDeleted(Pod deleted)
        {
            if (SetOf(deleted) is { } set)
            {
                expectations.DeletionObserved(Key(set.Metadata), deleted.Metadata.Uid!);
                queue.Add(Key(set.Metadata));
            }
        }

        private ReplicaSet? SetOf(Pod pod)
        {
            if (pod.Metadata.Controller() is not { Kind: "ReplicaSet" } owner)
            {
                return null;
            }
            var set = sets.Get(new NamespacedName(pod.Metadata.Namespace ?? "", owner.Name));
            return set?.Metadata.Uid == owner.Uid ? set : null;
        }

        private void WakeThoseThatMayAdopt(Pod pod)
        {
            if (pod.Metadata.Labels.Count == 0)
            {
                return;
            }
            foreach (var set in sets.List(pod.Metadata.Namespace ?? ""))
            {
                if (Selector.From(set.Spec.Selector).Matches(pod.Metadata.Labels))
                {
                    queue.Add(Key(set.Metadata));
                }
            }
        }
    }
}
