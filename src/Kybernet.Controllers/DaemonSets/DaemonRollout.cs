using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>One look at a DaemonSet, the nodes, and its pods by node.</summary>
internal sealed class DaemonRollout(DaemonSetTools tools, DaemonSet set, string hash, IReadOnlyList<Node> nodes, IEnumerable<Pod> pods, DateTimeOffset now)
{
    private readonly ILookup<string, Pod> _pods = pods.OrderBy(static pod => pod.Metadata.CreationTimestamp).ToLookup(static pod => NodeSelection.TargetOf(pod) ?? "");

    public DaemonSet Set => set;

    public string Hash => hash;

    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>The pods of a node, eldest first.</summary>
    public IReadOnlyList<Pod> On(string node) => [.. _pods[node]];

    public bool IsAvailable(Pod pod) => pod.IsAvailable(set.Spec.MinReadySeconds ?? 0, now);

    /// <summary>How many nodes are to have a pod.</summary>
    public int Desired => nodes.Count(node => DaemonPods.Wants(set, node).ShouldRun);

    /// <summary>How many pods more than one a node may have meanwhile; 0 where an old pod goes before the new one comes.</summary>
    public int MaxSurge => set.Spec.UpdateStrategy?.RollingUpdate?.MaxSurge?.Scale(Desired, roundUp: true) ?? 0;

    public int MaxUnavailable
    {
        get
        {
            var most = set.Spec.UpdateStrategy?.RollingUpdate?.MaxUnavailable?.Scale(Desired, roundUp: true) ?? 1;
            return most == 0 && MaxSurge == 0 ? 1 : most;
        }
    }

    /// <summary>Which nodes lack a pod, and which pods are where they should not be, have ended, or are too many.</summary>
    public DaemonChanges Manage()
    {
        var changes = new DaemonChanges();
        foreach (var node in nodes)
        {
            var (shouldRun, mayStay) = DaemonPods.Wants(set, node);
            var here = On(node.Metadata.Name!);
            if (shouldRun && here.Count == 0)
            {
                changes.Nodes.Add(node.Metadata.Name!);
            }
            else if (mayStay)
            {
                KeepOne(node.Metadata.Name!, here, changes);
            }
            else
            {
                changes.Surplus.AddRange(here.Where(static pod => pod.Metadata.DeletionTimestamp is null));
            }
        }
        DropUnplaceable(changes);
        return changes;
    }

    /// <summary>Pods that wait for a node that has gone: the scheduler would look for it for ever.</summary>
    private void DropUnplaceable(DaemonChanges changes)
    {
        var known = new HashSet<string>(nodes.Select(static node => node.Metadata.Name!), StringComparer.Ordinal);
        foreach (var group in _pods)
        {
            if (!known.Contains(group.Key))
            {
                changes.Surplus.AddRange(group.Where(static pod => pod.Metadata.DeletionTimestamp is null && string.IsNullOrEmpty(pod.Spec.NodeName)));
            }
        }
    }

    private void KeepOne(string node, IReadOnlyList<Pod> here, DaemonChanges changes)
    {
        var running = new List<Pod>();
        foreach (var pod in here)
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                continue;
            }
            if (pod.IsTerminal())
            {
                Replace(node, pod, changes);
            }
            else
            {
                running.Add(pod);
            }
        }
        if (MaxSurge == 0)
        {
            changes.Surplus.AddRange(running.Skip(1));
        }
        else
        {
            DropOutdone(running, changes);
        }
    }

    private void Replace(string node, Pod pod, DaemonChanges changes)
    {
        var subject = $"daemon pod {pod.Metadata.Namespace}/{pod.Metadata.Name} on node {node}";
        if (pod.Status.Phase == PodStatuses.Succeeded)
        {
            tools.Events.Record(set, EventType.Normal, "SucceededDaemonPod", $"Found succeeded {subject}, will try to delete it");
            changes.Surplus.Add(pod);
        }
        else if (tools.Backoff.Wait(set.Metadata.Uid!, node) is { } delay)
        {
            changes.LookAgainIn(delay);
        }
        else
        {
            tools.Events.Record(set, EventType.Warning, "FailedDaemonPod", $"Found failed {subject}, will try to kill it");
            changes.Surplus.Add(pod);
        }
    }

    /// <summary>While it surges, a node may have the eldest old and the eldest new pod, until the new one is available or the old one fails.</summary>
    private void DropOutdone(List<Pod> running, DaemonChanges changes)
    {
        if (running.Count <= 1)
        {
            return;
        }
        var newest = running.Find(pod => pod.IsOf(hash));
        var old = running.Find(pod => !pod.IsOf(hash));
        changes.Surplus.AddRange(running.Where(pod => pod != newest && pod != old));
        if (newest is not null && old is not null && (!old.IsReady() || IsAvailable(newest)))
        {
            changes.Surplus.Add(old);
        }
    }
}
