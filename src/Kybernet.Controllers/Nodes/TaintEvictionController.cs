using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Scheduling;
using Kybernet.Client;

namespace Kybernet.Controllers.Nodes;

/// <summary>Deletes the pods of nodes with NoExecute taints, once they have been tolerated for as long as they may be.</summary>
internal sealed class TaintEvictionController(ApiClient client, ILister<Node> nodes, ILister<Pod> pods, IEventRecorder events, TimeProvider time) : IReconciler
{
    // Since when a pod is to go, by its uid.
    private readonly ConcurrentDictionary<NamespacedName, (string Uid, long Since)> _going = new();

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("node-controller");
        var nodes = context.Informers.Informer<Node>();
        var pods = context.Informers.Informer<Pod>();
        NodeLifecycleController.AddNodeIndex(pods);
        var queue = context.Queue("taint-eviction");
        pods.AddHandler(new InformerHandler<Pod>(
            added => queue.Add(added.Metadata.Key()),
            (previous, current) =>
            {
                if (previous.Spec.NodeName != current.Spec.NodeName || previous.Spec.Tolerations.Count != current.Spec.Tolerations.Count)
                {
                    queue.Add(current.Metadata.Key());
                }
            },
            deleted => queue.Add(deleted.Metadata.Key())));
        nodes.AddHandler(new InformerHandler<Node>(
            onAdded: added => WakePodsOf(added, pods, queue),
            onUpdated: (previous, current) =>
            {
                if (NoExecute(previous).Any() || NoExecute(current).Any())
                {
                    WakePodsOf(current, pods, queue);
                }
            }));
        var reconciler = new TaintEvictionController(client, nodes, pods, context.Events(client, "taint-eviction-controller"), context.Time);
        context.Run("taint-eviction", reconciler, queue, context.Options.Workers);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Get(key) is not { Metadata.DeletionTimestamp: null, Spec.NodeName: { Length: > 0 } nodeName } pod
            || nodes.Get(new NamespacedName("", nodeName)) is not { } node)
        {
            _going.TryRemove(key, out _);
            return Requeue.OnChange;
        }
        if (ToleratedFor(pod, NoExecute(node)) is not { } tolerated)
        {
            if (_going.TryRemove(key, out _))
            {
                events.Record(ObjectReferences.To(pod), EventType.Normal, "TaintManagerEviction", $"Cancelling deletion of Pod {key}");
            }
            return Requeue.OnChange;
        }
        var known = _going.AddOrUpdate(
            key, _ => (pod.Metadata.Uid!, time.GetTimestamp()), (_, going) => going.Uid == pod.Metadata.Uid ? going : (pod.Metadata.Uid!, time.GetTimestamp()));
        var left = tolerated - time.GetElapsedTime(known.Since);
        if (left > TimeSpan.Zero)
        {
            return Requeue.In(left);
        }
        await EvictAsync(key, pod, cancellationToken);
        return Requeue.OnChange;
    }

    private static IEnumerable<Taint> NoExecute(Node node) => node.Spec.Taints.Where(static taint => taint.Effect == NodeTaints.NoExecute);

    private static void WakePodsOf(Node node, ILister<Pod> pods, WorkQueue<NamespacedName> queue)
    {
        foreach (var pod in pods.ByIndex(NodeLifecycleController.NodeIndex, node.Metadata.Name!))
        {
            queue.Add(pod.Metadata.Key());
        }
    }

    /// <summary>How long a pod may stay; null for as long as it likes.</summary>
    private static TimeSpan? ToleratedFor(Pod pod, IEnumerable<Taint> taints)
    {
        TimeSpan? shortest = null;
        foreach (var taint in taints)
        {
            if (pod.Spec.Tolerations.Where(toleration => toleration.Tolerates(taint)).ToList() is not { Count: > 0 } tolerations)
            {
                return TimeSpan.Zero;
            }
            foreach (var toleration in tolerations)
            {
                if (toleration.TolerationSeconds is { } seconds && !(TimeSpan.FromSeconds(Math.Max(0, seconds)) >= shortest))
                {
                    shortest = TimeSpan.FromSeconds(Math.Max(0, seconds));
                }
            }
        }
        return shortest;
    }

    private async Task EvictAsync(NamespacedName key, Pod pod, CancellationToken cancellationToken)
    {
        events.Record(ObjectReferences.To(pod), EventType.Normal, "TaintManagerEviction", $"Marking for deletion Pod {key}");
        try
        {
            var status = PodDisruption.With(pod.Status, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", time.GetUtcNow());
            await client.UpdateStatusAsync(pod with { Status = status }, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsNotFound)
        {
            return;
        }
        var options = new DeleteOptions { Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
        await client.DeleteAsync<Pod>(key.Namespace, key.Name, options, cancellationToken);
    }
}
