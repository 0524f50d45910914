using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler;

/// <summary>
/// Tells the scheduler what happens to pods and nodes: keeps its cache and queue up to date, and turns changes into events that may wake pods.
/// </summary>
internal sealed class ClusterFeed(PodScheduler scheduler)
{
    public void PodAdded(Pod pod)
    {
        if (IsOver(pod))
        {
            return;
        }
        if (IsAssigned(pod))
        {
            Assigned(scheduler.Compiler.Compile(pod));
            return;
        }
        var facts = scheduler.Compiler.Compile(pod);
        if (scheduler.ProfileOf(facts) is { } profile)
        {
            RestoreNomination(facts);
            scheduler.Queue.Add(facts, profile);
        }
    }

    public void PodUpdated(Pod previous, Pod current)
    {
        if (previous.Metadata.Uid != current.Metadata.Uid)
        {
            PodDeleted(previous);
            PodAdded(current);
            return;
        }
        if (IsOver(current))
        {
            PodDeleted(previous);
            return;
        }
        var facts = scheduler.Compiler.Compile(current);
        if (IsAssigned(current))
        {
            Assigned(facts);
            return;
        }
        if (scheduler.ProfileOf(facts) is { } profile && !scheduler.Cache.IsAssumed(facts.Uid))
        {
            RestoreNomination(facts);
            scheduler.Queue.Update(facts, profile, ChangesOf(scheduler.Compiler.Compile(previous), facts));
        }
    }

    public void PodDeleted(Pod pod)
    {
        var uid = pod.Metadata.Uid ?? "";
        scheduler.Nominations.Remove(uid);
        scheduler.Queue.Delete(uid);
        if (scheduler.Cache.RemovePod(uid))
        {
            scheduler.Queue.MoveOn(new ClusterEvent(ClusterResource.AssignedPod, ClusterActions.Delete) { OldPod = scheduler.Compiler.Compile(pod) });
        }
    }

    public void NodeAdded(Node node)
    {
        var facts = scheduler.Compiler.Compile(node);
        var previous = scheduler.Cache.SetNode(facts);
        if (previous is null)
        {
            scheduler.Queue.MoveOn(new ClusterEvent(ClusterResource.Node, ClusterActions.Add) { Node = facts });
            return;
        }
        Changed(previous, facts);
    }

    public void NodeUpdated(Node node) => NodeAdded(node);

    public void NodeDeleted(Node node)
    {
        scheduler.Cache.RemoveNode(node.Metadata.Name ?? "");
        scheduler.Queue.MoveOn(new ClusterEvent(ClusterResource.Node, ClusterActions.Delete) { OldNode = scheduler.Compiler.Compile(node) });
    }

    private static bool IsAssigned(Pod pod) => !string.IsNullOrEmpty(pod.Spec.NodeName);

    private static bool IsOver(Pod pod) => pod.Status.Phase is "Succeeded" or "Failed";

    private static ClusterActions ChangesOf(PodFacts previous, PodFacts current)
    {
        var changes = ClusterActions.None;
        if (!PodFacts.SameLabels(previous.Labels, current.Labels))
        {
            changes |= ClusterActions.UpdatePodLabel;
        }
        if (IsLess(current, previous))
        {
            changes |= ClusterActions.UpdatePodScaleDown;
        }
        if (current.Tolerations.Length > previous.Tolerations.Length)
        {
            changes |= ClusterActions.UpdatePodToleration;
        }
        if (previous.Pod.Spec.SchedulingGates.Count > 0 && current.Pod.Spec.SchedulingGates.Count == 0)
        {
            changes |= ClusterActions.UpdatePodSchedulingGatesEliminated;
        }
        return changes;
    }

    private static bool IsLess(PodFacts current, PodFacts previous)
    {
        if (current.Request.MilliCpu < previous.Request.MilliCpu
            || current.Request.Memory < previous.Request.Memory
            || current.Request.EphemeralStorage < previous.Request.EphemeralStorage)
        {
            return true;
        }
        foreach (var before in previous.Request.ScalarArray)
        {
            if (Array.Find(current.Request.ScalarArray, now => now.Resource == before.Resource).Amount < before.Amount)
            {
                return true;
            }
        }
        return false;
    }

    private void RestoreNomination(PodFacts pod)
    {
        // What an earlier scheduler promised still holds; what this one has decided since is newer.
        if (pod.Pod.Status.NominatedNodeName is { Length: > 0 } node && scheduler.Nominations.NodeOf(pod.Uid) is null)
        {
            scheduler.Nominations.Set(pod, node);
        }
    }

    private void Assigned(PodFacts pod)
    {
        scheduler.Queue.Delete(pod.Uid);
        scheduler.Nominations.Remove(pod.Uid);
        var previous = scheduler.Cache.SetPod(pod);
        var actions = previous is null ? ClusterActions.Add : ChangesOf(previous, pod);
        if (actions != ClusterActions.None)
        {
            scheduler.Queue.MoveOn(new ClusterEvent(ClusterResource.AssignedPod, actions) { OldPod = previous, Pod = pod });
        }
    }

    private void Changed(NodeFacts previous, NodeFacts current)
    {
        var changes = ClusterActions.None;
        if (!Equals(previous.Allocatable, current.Allocatable) || previous.AllowedPods != current.AllowedPods)
        {
            changes |= ClusterActions.UpdateNodeAllocatable;
        }
        if (!PodFacts.SameLabels(previous.Node.Metadata.Labels, current.Node.Metadata.Labels))
        {
            changes |= ClusterActions.UpdateNodeLabel;
        }
        if (previous.Unschedulable != current.Unschedulable || !previous.Taints.AsSpan().SequenceEqual(current.Taints))
        {
            changes |= ClusterActions.UpdateNodeTaint;
        }
        if (!PodFacts.SameLabels(previous.Node.Metadata.Annotations, current.Node.Metadata.Annotations))
        {
            changes |= ClusterActions.UpdateNodeAnnotation;
        }
        if (!SameConditions(previous.Node, current.Node))
        {
            changes |= ClusterActions.UpdateNodeCondition;
        }
        if (changes != ClusterActions.None)
        {
            scheduler.Queue.MoveOn(new ClusterEvent(ClusterResource.Node, changes) { OldNode = previous, Node = current });
        }
    }

    private static bool Equals(ResourceRequest left, ResourceRequest right) =>
        left.MilliCpu == right.MilliCpu
        && left.Memory == right.Memory
        && left.EphemeralStorage == right.EphemeralStorage
        && left.ScalarArray.AsSpan().SequenceEqual(right.ScalarArray);

    // Heartbeats are no change.
    private static bool SameConditions(Node previous, Node current)
    {
        if (previous.Status.Conditions.Count != current.Status.Conditions.Count)
        {
            return false;
        }
        for (var i = 0; i < current.Status.Conditions.Count; i++)
        {
            var (before, now) = (previous.Status.Conditions[i], current.Status.Conditions[i]);
            if (!ModelJson.Same(before with { LastHeartbeatTime = null }, now with { LastHeartbeatTime = null }))
            {
                return false;
            }
        }
        return true;
    }
}
