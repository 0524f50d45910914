using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Policy.V1;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers.Disruption;

/// <summary>Wakes the PodDisruptionBudget reconciler: for a budget that changed, and for those that select a pod that changed.</summary>
internal static class DisruptionController
{
    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("disruption-controller");
        var budgets = context.Informers.Informer<PodDisruptionBudget>();
        var pods = context.Informers.Informer<Pod>();
        var queue = context.Queue("disruption");
        queue.WakeOn(budgets);
        pods.AddHandler(new InformerHandler<Pod>(
            added => Wake(added, budgets, queue),
            (previous, current) =>
            {
                Wake(previous, budgets, queue); // its labels may have been others
                Wake(current, budgets, queue);
            },
            deleted => Wake(deleted, budgets, queue)));
        var expected = new ExpectedPods(
            context.Informers.Informer<ReplicaSet>(), context.Informers.Informer<Deployment>(), context.Informers.Informer<StatefulSet>(),
            context.Informers.Informer<ReplicationController>(), new Scales(client, new ServedKinds(client)));
        var reconciler = new DisruptionReconciler(client, budgets, pods, expected, context.Events(client, "controllermanager"), context.Time);
        context.Run("disruption", reconciler, queue, context.Options.Workers);
    }

    private static void Wake(Pod pod, ILister<PodDisruptionBudget> budgets, WorkQueue<NamespacedName> queue)
    {
        foreach (var budget in budgets.List(pod.Metadata.Namespace ?? ""))
        {
            if (Selector.From(budget.Spec.Selector).Matches(pod.Metadata.Labels))
            {
                queue.Add(budget.Metadata.Key());
            }
        }
    }
}
