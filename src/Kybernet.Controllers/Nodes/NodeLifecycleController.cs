using System.Collections.Concurrent;
using Kybernet.Api;
using Kybernet.Api.Coordination.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.Nodes;

/// <summary>
/// Watches over nodes: says <c>Unknown</c> of one that is silent for too long, marks its pods as not ready, and taints nodes by their conditions. Looks at
/// each node when it changes, and every few seconds, for silence makes no event.
/// </summary>
internal sealed class NodeLifecycleController(
    ApiClient client, ILister<Node> nodes, ILister<Lease> leases, ILister<Pod> pods, IEventRecorder events, ControllerOptions options, TimeProvider time) : IReconciler
{
    public const string NodeIndex = "spec.nodeName";
    private const string LeaseNamespace = "kube-node-lease";

    // What a kubelet reports, and nobody else: NetworkUnavailable is others' to say.
    private static readonly string[] ReportedConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];
    private readonly ConcurrentDictionary<string, NodeHealth> _health = new(StringComparer.Ordinal);

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("node-controller");
        var nodes = context.Informers.Informer<Node>();
        var pods = context.Informers.Informer<Pod>();
        var leases = context.Informers.Informer<Lease>(LeaseNamespace, ListSelection.All);
        AddNodeIndex(pods);
        var queue = context.Queue("node-lifecycle");
        queue.WakeOn(nodes);
        var events = context.Events(client, "node-controller");
        var reconciler = new NodeLifecycleController(client, nodes, leases, pods, events, context.Options, context.Time);
        context.Run("node-lifecycle", reconciler, queue, context.Options.Workers);
    }

    public static void AddNodeIndex(IInformer<Pod> pods) =>
        pods.AddIndex(NodeIndex, static pod => string.IsNullOrEmpty(pod.Spec.NodeName) ? [] : [pod.Spec.NodeName]);

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (nodes.Get(key) is not { } node)
        {
            if (_health.TryRemove(key.Name, out _))
            {
                Tell(key.Name, null, "RemovingNode", $"Removing Node {key.Name} from Controller");
            }
            return Requeue.OnChange;
        }
        var now = time.GetTimestamp();
        if (!_health.TryGetValue(key.Name, out var health))
        {
            _health[key.Name] = health = new NodeHealth(now);
            Tell(key.Name, node.Metadata.Uid, "RegisteredNode", $"Registered Node {key.Name} in Controller");
        }
        var ready = Ready(node);
        health.Observe(ready, leases.Get(new NamespacedName(LeaseNamespace, key.Name))?.Spec.RenewTime, now);
        if (time.GetElapsedTime(health.HeardAt) > (ready is null ? options.NodeStartupGracePeriod : options.NodeMonitorGracePeriod))
        {
            node = await SayUnknownAsync(node, cancellationToken);
            if (ready?.Status == ConditionStatus.True)
            {
                events.Record(ObjectReferences.To(node), EventType.Normal, "NodeNotReady", $"Node {key.Name} status is now: NodeNotReady");
                await MarkPodsNotReadyAsync(key.Name, cancellationToken);
            }
        }
        await TaintAsync(node, cancellationToken);
        return Requeue.In(options.NodeMonitorPeriod);
    }

    private static NodeCondition? Ready(Node node) => node.Status.Conditions.FirstOrDefault(static condition => condition.Type == "Ready");

    private void Tell(string name, string? uid, string reason, string message) => events.Record(
        new ObjectReference { ApiVersion = "v1", Kind = "Node", Name = name, Uid = uid }, EventType.Normal, reason, $"Node {name} event: {message}");

    private async Task<Node> SayUnknownAsync(Node node, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var conditions = node.Status.Conditions.ToList();
        foreach (var type in ReportedConditions)
        {
            var index = conditions.FindIndex(condition => condition.Type == type);
            if (index < 0)
            {
                conditions.Add(new NodeCondition
                {
                    Type = type,
                    Status = ConditionStatus.Unknown,
                    Reason = "NodeStatusNeverUpdated",
                    Message = "Kubelet never posted node status.",
                    LastHeartbeatTime = node.Metadata.CreationTimestamp,
                    LastTransitionTime = now,
                });
            }
            else if (conditions[index].Status != ConditionStatus.Unknown)
            {
                conditions[index] = conditions[index] with
                {
                    Status = ConditionStatus.Unknown,
                    Reason = "NodeStatusUnknown",
                    Message = "Kubelet stopped posting node status.",
                    LastTransitionTime = now,
                };
            }
        }
        var status = node.Status with { Conditions = conditions };
        return ModelJson.Same(status, node.Status) ? node : await client.UpdateStatusAsync(node with { Status = status }, cancellationToken);
    }

    /// <summary>Nobody knows whether the pods answer: Services must not send them anything.</summary>
    private async Task MarkPodsNotReadyAsync(string node, CancellationToken cancellationToken)
    {
        foreach (var pod in pods.ByIndex(NodeIndex, node))
        {
            if (!pod.IsReady())
            {
                continue;
            }
            var conditions = pod.Status.Conditions.Select(condition => condition.Type == PodStatuses.ReadyCondition
                ? condition with { Status = ConditionStatus.False, LastTransitionTime = time.GetUtcNow() }
                : condition);
            try
            {
                await client.UpdateStatusAsync(pod with { Status = pod.Status with { Conditions = [.. conditions] } }, cancellationToken);
                events.Record(ObjectReferences.To(pod), EventType.Warning, "NodeNotReady", "Node is not ready");
            }
            catch (ApiException exception) when (exception.IsNotFound)
            {
                // gone meanwhile
            }
        }
    }

    private async Task TaintAsync(Node node, CancellationToken cancellationToken)
    {
        var wanted = NodeTaints.Wanted(node, MayEvictFrom(node), time.GetUtcNow());
        if (wanted.Count == node.Spec.Taints.Count && wanted.Zip(node.Spec.Taints).All(static pair => ReferenceEquals(pair.First, pair.Second)))
        {
            return;
        }
        await client.UpdateAsync(node with { Spec = node.Spec with { Taints = wanted } }, cancellationToken);
    }

    /// <summary>
    /// Where no node answers at all, or most of a zone (and more than two) does not, it is the network or ourselves: pods stay where they are.
    /// </summary>
    private bool MayEvictFrom(Node node)
    {
        var zone = Zone(node);
        var (ready, readyHere, silentHere) = (0, 0, 0);
        foreach (var known in nodes.List())
        {
            var other = known.Metadata.Name == node.Metadata.Name ? node : known; // the cache does not show yet what we have just said of it
            if (Ready(other)?.Status == ConditionStatus.True)
            {
                ready++;
                readyHere += Zone(other) == zone ? 1 : 0;
            }
            else
            {
                silentHere += Zone(other) == zone ? 1 : 0;
            }
        }
        var isPartlyDisrupted = readyHere > 0 && silentHere > 2 && silentHere >= 0.55 * (readyHere + silentHere);
        return ready > 0 && !isPartlyDisrupted;
    }

    private static string Zone(Node node) =>
        node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/region") + "/" + node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/zone");
}
