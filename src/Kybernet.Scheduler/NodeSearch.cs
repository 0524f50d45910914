using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler;

/// <summary>
/// Finds the node for a pod: filters until enough fit, scores those, and takes one of the best. Begins where the last search ended, so that all nodes
/// get their turn. Only the scheduling loop uses it.
/// </summary>
internal sealed class NodeSearch(Snapshot snapshot, Nominations nominations, Random random)
{
    private const int MinFeasible = 100;
    private const int MinPercentage = 5;

    private NodeInfo[] _feasible = [];
    private long[] _scores = [];
    private int _start;

    /// <summary>Why nothing was found; valid until the next search.</summary>
    public Diagnosis Diagnosis { get; } = new();

    /// <summary>How many nodes were looked at in the last search.</summary>
    public int Evaluated { get; private set; }

    /// <summary>How many nodes that fit end the search.</summary>
    public static int Wanted(int percentage, int nodes)
    {
        if (nodes < MinFeasible)
        {
            return nodes;
        }
        if (percentage == 0)
        {
            percentage = Math.Max(MinPercentage, 50 - nodes / 125);
        }
        return Math.Max(MinFeasible, (int)((long)nodes * percentage / 100));
    }

    /// <summary>Searches.</summary>
    /// <returns>The node; or a refusal, whose reasons are in <see cref="Diagnosis"/>; or an error.</returns>
    public (NodeInfo? Node, PluginStatus Status) Find(Profile profile, CycleState state, PodFacts pod)
    {
        Diagnosis.Begin(snapshot);
        var prepared = profile.RunPreFilters(state, pod, snapshot, Diagnosis, out var onlyNodes, out var narrowedBy);
        if (!prepared.IsSuccess)
        {
            if (prepared.IsRejection)
            {
                Diagnosis.PreFilterMessage = prepared.Message;
                Diagnosis.Absent = prepared;
            }
            return (null, prepared);
        }
        var (count, broken) = FindFeasible(profile, state, pod, onlyNodes, narrowedBy);
        if (broken is not null)
        {
            return (null, broken);
        }
        if (count == 0)
        {
            return (null, PluginStatus.Unschedulable());
        }
        return count == 1 ? (_feasible[0], PluginStatus.Success) : Choose(profile, state, pod, count);
    }

    private (int Count, PluginStatus? Broken) FindFeasible(
        Profile profile, CycleState state, PodFacts pod, IReadOnlyList<string>? onlyNodes, ulong narrowedBy)
    {
        if (_feasible.Length < snapshot.Count)
        {
            _feasible = new NodeInfo[snapshot.Count];
            _scores = new long[snapshot.Count];
        }
        Evaluated = 0;
        var nominated = nominations.NodeOf(pod.Uid) ?? pod.Pod.Status.NominatedNodeName;
        if (!string.IsNullOrEmpty(nominated) && snapshot.TryFind(nominated, out var promised)
            && (onlyNodes is null || onlyNodes.Contains(nominated))
            && profile.RunFiltersWithNominated(state, pod, promised, out _).IsSuccess)
        {
            _feasible[0] = promised;
            return (1, null);
        }
        if (onlyNodes is null)
        {
            return FilterAll(profile, state, pod);
        }
        Diagnosis.Absent = PluginStatus.Unresolvable($"node(s) didn't satisfy plugin(s) [{string.Join(' ', profile.NamesOf(narrowedBy))}]");
        Diagnosis.RejectedBy |= narrowedBy;
        var count = 0;
        foreach (var name in onlyNodes)
        {
            if (snapshot.TryFind(name, out var node))
            {
                if (Check(profile, state, pod, node, ref count) is { } broken)
                {
                    return (0, broken);
                }
            }
        }
        return (count, null);
    }

    private (int Count, PluginStatus? Broken) FilterAll(Profile profile, CycleState state, PodFacts pod)
    {
        var nodes = snapshot.Nodes;
        var wanted = Wanted(profile.PercentageOfNodesToScore, nodes.Length);
        var next = _start < nodes.Length ? _start : 0;
        var count = 0;
        var looked = 0;
        while (looked < nodes.Length && count < wanted)
        {
            if (Check(profile, state, pod, nodes[next], ref count) is { } broken)
            {
                return (0, broken);
            }
            looked++;
            next = next + 1 == nodes.Length ? 0 : next + 1;
        }
        _start = next;
        return (count, null);
    }

    private PluginStatus? Check(Profile profile, CycleState state, PodFacts pod, NodeInfo node, ref int count)
    {
        Evaluated++;
        var status = profile.RunFiltersWithNominated(state, pod, node, out var place);
        if (status.IsSuccess)
        {
            _feasible[count++] = node;
            return null;
        }
        if (!status.IsRejection)
        {
            return status;
        }
        Diagnosis.Refuse(node, status, place);
        return null;
    }

    private (NodeInfo? Node, PluginStatus Status) Choose(Profile profile, CycleState state, PodFacts pod, int count)
    {
        var scores = _scores.AsSpan(0, count);
        var status = profile.Score(state, pod, _feasible.AsSpan(0, count), snapshot, scores);
        if (!status.IsSuccess)
        {
            return (null, status);
        }
        var best = 0;
        var equals = 1;
        for (var i = 1; i < count; i++)
        {
            if (scores[i] > scores[best])
            {
                best = i;
                equals = 1;
            }
            else if (scores[i] == scores[best] && random.Next(++equals) == 0)
            {
                best = i; // each of n equals is taken with a chance of one in n
            }
        }
        return (_feasible[best], PluginStatus.Success);
    }
}
