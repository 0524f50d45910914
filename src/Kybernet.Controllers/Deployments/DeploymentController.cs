using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.Deployments;

/// <summary>Wakes the Deployment reconciler: for a Deployment or one of its ReplicaSets that changed, and when the last pod of one that is recreated is gone.</summary>
internal static class DeploymentController
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("deployment-controller");
        var deployments = context.Informers.Informer<Deployment>();
        var sets = context.Informers.Informer<ReplicaSet>();
        var pods = context.Informers.Informer<Pod>();
        ControllerIndex.Add(sets);
        ControllerIndex.Add(pods);
        var queue = context.Queue("deployment");
        deployments.AddHandler(new InformerHandler<Deployment>(
            added => queue.Add(Key(added.Metadata)),
            (_, current) => queue.Add(Key(current.Metadata)),
            deleted => queue.Add(Key(deleted.Metadata))));
        sets.AddHandler(new SetHandler(deployments, queue));
        pods.AddHandler(new InformerHandler<Pod>(onDeleted: pod => WakeRecreation(pod, deployments, sets, pods, queue)));
        var tools = new DeploymentTools(client, context.Events(client, "deployment-controller"), context.Time);
        context.Run("deployment", new DeploymentReconciler(tools, deployments, sets, pods), queue, context.Options.Workers);
    }

    private static NamespacedName Key(ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name ?? "");

    private static Deployment? OwnerOf(ReplicaSet set, ILister<Deployment> deployments)
    {
        if (set.Metadata.Controller() is not { Kind: "Deployment" } owner)
        {
            return null;
        }
        var deployment = deployments.Get(new NamespacedName(set.Metadata.Namespace ?? "", owner.Name));
        return deployment?.Metadata.Uid == owner.Uid ? deployment : null;
    }

    private static void WakeRecreation(Pod pod, ILister<Deployment> deployments, ILister<ReplicaSet> sets, ILister<Pod> pods, WorkQueue<NamespacedName> queue)
    {
        if (pod.Metadata.Controller() is not { Kind: "ReplicaSet" } owner
            || sets.Get(new NamespacedName(pod.Metadata.Namespace ?? "", owner.Name)) is not { } set
            || OwnerOf(set, deployments) is not { } deployment || deployment.IsRollingUpdate())
        {
            return;
        }
        if (sets.ManagedBy(deployment.Metadata.Uid!).All(sibling => pods.ManagedBy(sibling.Metadata.Uid!).Count == 0))
        {
            queue.Add(Key(deployment.Metadata));
        }
    }

    private sealed class SetHandler(ILister<Deployment> deployments, WorkQueue<NamespacedName> queue) : IInformerHandler<ReplicaSet>
    {
        public void OnAdded(ReplicaSet added) => Wake(added);

        public void OnUpdated(ReplicaSet previous, ReplicaSet current)
        {
            if (previous.Metadata.Controller()?.Uid != current.Metadata.Controller()?.Uid && OwnerOf(previous, deployments) is { } former)
            {
                queue.Add(Key(former.Metadata));
            }
            Wake(current);
        }

        public void OnDeleted(ReplicaSet deleted)
        {
            if (OwnerOf(deleted, deployments) is { } owner)
            {
                queue.Add(Key(owner.Metadata));
            }
        }

        private void Wake(ReplicaSet set)
        {
            if (OwnerOf(set, deployments) is { } owner)
            {
                queue.Add(Key(owner.Metadata));
            }
            else if (set.Metadata.Controller() is null && set.Metadata.Labels.Count > 0)
            {
                WakeThoseThatMayAdopt(set);
            }
        }

        private void WakeThoseThatMayAdopt(ReplicaSet set)
        {
            foreach (var deployment in deployments.List(set.Metadata.Namespace ?? ""))
            {
                if (Selector.From(deployment.Spec.Selector).Matches(set.Metadata.Labels))
                {
                    queue.Add(Key(deployment.Metadata));
                }
            }
        }
    }
}
