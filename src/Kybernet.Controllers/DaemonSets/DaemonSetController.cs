using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>Wakes the DaemonSet reconciler: for a DaemonSet that changed, for that of a pod that changed, and for all that a node's change may concern.</summary>
internal static class DaemonSetController
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("daemon-set-controller");
        var sets = context.Informers.Informer<DaemonSet>();
        var pods = context.Informers.Informer<Pod>();
        var nodes = context.Informers.Informer<Node>();
        var revisions = context.Informers.Informer<ControllerRevision>();
        ControllerIndex.Add(pods);
        ControllerIndex.Add(revisions);
        var queue = context.Queue("daemonset");
        var expectations = new Expectations(context.Time);
        var events = context.Events(client, "daemonset-controller");
        queue.WakeOn(sets);
        sets.AddHandler(new InformerHandler<DaemonSet>(onDeleted: deleted => expectations.Forget(deleted.Metadata.Key())));
        pods.AddHandler(new OwnedHandler<DaemonSet, Pod>(sets, static set => Selector.From(set.Spec.Selector), queue, expectations));
        nodes.AddHandler(new InformerHandler<Node>(
            added => Wake(sets, queue, set => DaemonPods.Wants(set, added).ShouldRun),
            (previous, current) => Wake(sets, queue, set => DaemonPods.Wants(set, previous) != DaemonPods.Wants(set, current)),
            deleted => Wake(sets, queue, set => DaemonPods.Wants(set, deleted).ShouldRun)));
        var tools = new DaemonSetTools(
            client, new PodControl(client, events), expectations, new FailureBackoff(context.Time), events, context.Time);
        context.Run("daemonset", new DaemonSetReconciler(tools, sets, pods, nodes, revisions), queue, context.Options.Workers);
    }

    private static void Wake(ILister<DaemonSet> sets, WorkQueue<NamespacedName> queue, Func<DaemonSet, bool> isConcerned)
    {
        foreach (var set in sets.List())
        {
            if (isConcerned(set))
            {
                queue.Add(set.Metadata.Key());
            }
        }
    }
}
