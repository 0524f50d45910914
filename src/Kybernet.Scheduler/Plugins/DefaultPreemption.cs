using System.Collections.Concurrent;
using Kybernet.Api.Core.V1;
using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>
/// Makes room for a pod that fits nowhere by evicting pods of a lower priority from the node where that harms least, and nominates the pod to it.
/// </summary>
internal sealed class DefaultPreemption(PluginContext context) : IPostFilterPlugin
{
    public const string PluginName = "DefaultPreemption";

    private const int MinCandidates = 100;
    private const int MinCandidatesPercentage = 10;

    // How long an eviction that was asked for counts as under way though the cache does not show it yet.
    private static readonly TimeSpan EvictionLag = TimeSpan.FromMinutes(1);

    private readonly PluginStatus _notHelpful = PluginStatus.Unresolvable("Preemption is not helpful for scheduling");
    private readonly ConcurrentDictionary<string, DateTimeOffset> _evicting = new(StringComparer.Ordinal);
    private readonly Diagnosis _diagnosis = new();
    private readonly VictimSelection _selection = new(context);

    public string Name => PluginName;

    public PostFilterResult PostFilter(CycleState state, PodFacts pod, Diagnosis diagnosis)
    {
        if (ReasonNotTo(pod, diagnosis) is { } reason)
        {
            return new PostFilterResult(PluginStatus.Unschedulable("preemption: " + reason), null);
        }
        var snapshot = diagnosis.Snapshot;
        _diagnosis.Begin(snapshot);
        _diagnosis.Absent = _notHelpful;
        var candidates = FindCandidates(state, pod, diagnosis);
        if (candidates.Count == 0)
        {
            return new PostFilterResult(PluginStatus.Unschedulable("preemption: " + _diagnosis.Message()), "");
        }
        var best = VictimSelection.Best(candidates);
        Evict(pod, best);
        return new PostFilterResult(PluginStatus.Success, best.Node);
    }

    // Who has made room already waits until it is free, unless that node has turned out to be useless.
    private string? ReasonNotTo(PodFacts pod, Diagnosis diagnosis)
    {
        if (pod.Pod.Spec.PreemptionPolicy == "Never")
        {
            return "not eligible due to preemptionPolicy=Never.";
        }
        var nominated = context.Nominations.NodeOf(pod.Uid) ?? pod.Pod.Status.NominatedNodeName;
        if (string.IsNullOrEmpty(nominated)
            || !diagnosis.Snapshot.TryFind(nominated, out var node)
            || diagnosis.StatusOf(node).Code == StatusCode.UnschedulableAndUnresolvable)
        {
            return null;
        }
        var recently = context.Time.GetUtcNow() - EvictionLag;
        foreach (var other in node.Pods)
        {
            var isLeaving = (other.IsDeleting && IsEvicted(other.Pod)) || (_evicting.TryGetValue(other.Uid, out var since) && since > recently);
            if (other.Priority < pod.Priority && isLeaving)
            {
                return "not eligible due to a terminating pod on the nominated node.";
            }
        }
        return null;
    }

    private static bool IsEvicted(Pod pod)
    {
        foreach (var condition in pod.Status.Conditions)
        {
            if (condition is { Type: "DisruptionTarget", Status: "True", Reason: "PreemptionByScheduler" })
            {
                return true;
            }
        }
        return false;
    }

    private List<Candidate> FindCandidates(CycleState state, PodFacts pod, Diagnosis diagnosis)
    {
        var nodes = new List<NodeInfo>();
        foreach (var node in diagnosis.Snapshot.Nodes)
        {
            if (diagnosis.StatusOf(node).Code == StatusCode.Unschedulable)
            {
                nodes.Add(node);
            }
        }
        var candidates = new List<Candidate>();
        if (nodes.Count == 0)
        {
            return candidates;
        }
        var budgets = context.Cluster.DisruptionBudgets();
        var wanted = Math.Min(nodes.Count, Math.Max(MinCandidates, nodes.Count * MinCandidatesPercentage / 100));
        var start = context.Random.Next(nodes.Count);
        var harmless = false;
        for (var i = 0; i < nodes.Count && (candidates.Count < wanted || !harmless); i++)
        {
            var node = nodes[(start + i) % nodes.Count];
            var status = _selection.TryNode(state, pod, node, budgets, out var candidate);
            if (candidate is null)
            {
                _diagnosis.SetStatus(node, status);
                continue;
            }
            candidates.Add(candidate);
            harmless |= candidate.Violations == 0;
        }
        return candidates;
    }

    private void Evict(PodFacts pod, Candidate candidate)
    {
        var now = context.Time.GetUtcNow();
        foreach (var (uid, since) in _evicting)
        {
            if (since <= now - EvictionLag)
            {
                _evicting.TryRemove(uid, out _);
            }
        }
        foreach (var rival in context.Nominations.LowerThan(candidate.Node, pod.Priority) ?? [])
        {
            // The room that was to be theirs is taken; they will be nominated anew if they fit elsewhere.
            context.Nominations.Set(rival, "");
        }
        foreach (var victim in candidate.Victims)
        {
            if (context.FindWaiting(victim.Uid) is { } waiting)
            {
                waiting.Reject(PluginName, "preempted");
                Report(pod, victim, candidate.Node);
                continue;
            }
            _evicting[victim.Uid] = now;
            context.Background?.Start(cancellationToken => EvictAsync(pod, victim, candidate.Node, cancellationToken));
        }
    }

    private async Task EvictAsync(PodFacts pod, PodFacts victim, string node, CancellationToken cancellationToken)
    {
        try
        {
            var condition = new PodCondition
            {
                Type = "DisruptionTarget",
                Status = "True",
                Reason = "PreemptionByScheduler",
                Message = $"{pod.SchedulerName}: preempting to accommodate a higher priority pod",
                ObservedGeneration = victim.Pod.Metadata.Generation,
            };
            await context.Api.PatchStatusAsync(victim.Pod, condition, null, cancellationToken);
            await context.Api.DeleteAsync(victim, cancellationToken);
        }
        catch
        {
            // It stays, so whoever needed its place has to look for another.
            _evicting.TryRemove(victim.Uid, out _);
            throw;
        }
        Report(pod, victim, node);
    }

    private void Report(PodFacts pod, PodFacts victim, string node) =>
        context.Api.Report(victim, pod, "Normal", "Preempted", "Preempting", $"Preempted by pod {pod.Uid} on node {node}");
}
