using Kybernet.Api.Policy.V1;
using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>A node that a pod would fit if some pods were gone.</summary>
/// <param name="Node">The node.</param>
/// <param name="Victims">Those pods, the most important first.</param>
/// <param name="Violations">How many of them a disruption budget protects.</param>
internal sealed record Candidate(string Node, IReadOnlyList<PodFacts> Victims, int Violations);

/// <summary>Finds the fewest and least important pods that would have to leave a node, and the node where that harms least.</summary>
internal sealed class VictimSelection(PluginContext context)
{
    private readonly PluginStatus _noVictims = PluginStatus.Unresolvable("No preemption victims found for incoming pod");

    /// <summary>The candidate that harms least: by violated budgets, the victims' highest priority, the sum of priorities, their number, their age.</summary>
    public static Candidate Best(List<Candidate> candidates)
    {
        var best = candidates[0];
        for (var i = 1; i < candidates.Count; i++)
        {
            if (Compare(candidates[i], best) < 0)
            {
                best = candidates[i];
            }
        }
        return best;
    }

    /// <summary>Tries to make room on a node.</summary>
    /// <returns>Why not, where there is no candidate.</returns>
    public PluginStatus TryNode(
        CycleState state, PodFacts pod, NodeInfo node, IReadOnlyList<PodDisruptionBudget> budgets, out Candidate? candidate)
    {
        candidate = null;
        var profile = context.Profile!;
        var trial = new NodeInfo { Index = node.Index };
        trial.CopyFrom(node);
        var supposed = state.Copy();
        var potential = new List<PodFacts>();
        foreach (var other in node.Pods)
        {
            if (other.Priority < pod.Priority)
            {
                potential.Add(other);
            }
        }
        if (potential.Count == 0)
        {
            return _noVictims;
        }
        foreach (var other in potential)
        {
            trial.Remove(other.Uid);
            profile.RemovePod(supposed, pod, other, trial);
        }
        var status = profile.RunFiltersWithNominated(supposed, pod, trial, out _);
        if (!status.IsSuccess)
        {
            return status;
        }
        potential.Sort(CompareImportance);
        var (protectedPods, others) = Protected(potential, budgets);
        var victims = new List<PodFacts>();
        Reprieve(protectedPods);
        var violations = victims.Count;
        Reprieve(others);
        victims.Sort(CompareImportance);
        candidate = new Candidate(node.Name, victims, violations);
        return PluginStatus.Success;

        // Who still fits beside the new pod may stay, the most important first.
        void Reprieve(List<PodFacts> pods)
        {
            foreach (var other in pods)
            {
                trial.Add(other);
                profile.AddPod(supposed, pod, other, trial);
                if (!profile.RunFiltersWithNominated(supposed, pod, trial, out _).IsSuccess)
                {
                    trial.Remove(other.Uid);
                    profile.RemovePod(supposed, pod, other, trial);
                    victims.Add(other);
                }
            }
        }
    }

    private static (List<PodFacts> Protected, List<PodFacts> Others) Protected(List<PodFacts> pods, IReadOnlyList<PodDisruptionBudget> budgets)
    {
        var protectedPods = new List<PodFacts>();
        var others = new List<PodFacts>();
        var allowed = new int[budgets.Count];
        var selectors = new PodSelector?[budgets.Count];
        for (var i = 0; i < allowed.Length; i++)
        {
            allowed[i] = budgets[i].Status.DisruptionsAllowed ?? 0;
            selectors[i] = PodSelector.Of(budgets[i].Spec.Selector);
        }
        foreach (var pod in pods)
        {
            var violates = false;
            for (var i = 0; i < allowed.Length; i++)
            {
                if (budgets[i].Metadata.Namespace == pod.Key.Namespace
                    && selectors[i] is { IsEverything: false } selector
                    && selector.Matches(pod.Labels)
                    && !budgets[i].Status.DisruptedPods.ContainsKey(pod.Key.Name))
                {
                    violates |= --allowed[i] < 0;
                }
            }
            (violates ? protectedPods : others).Add(pod);
        }
        return (protectedPods, others);
    }

    // The higher priority is more important; among equals, who has run longer.
    private static int CompareImportance(PodFacts first, PodFacts second)
    {
        var order = second.Priority.CompareTo(first.Priority);
        return order != 0 ? order : StartOf(first).CompareTo(StartOf(second));
    }

    private static DateTimeOffset StartOf(PodFacts pod) => pod.Pod.Status.StartTime ?? DateTimeOffset.MaxValue;

    private static int Compare(Candidate first, Candidate second)
    {
        var order = first.Violations.CompareTo(second.Violations);
        order = order != 0 ? order : Highest(first).CompareTo(Highest(second));
        order = order != 0 ? order : Sum(first).CompareTo(Sum(second));
        order = order != 0 ? order : first.Victims.Count.CompareTo(second.Victims.Count);
        return order != 0 ? order : EarliestStart(second).CompareTo(EarliestStart(first));
    }

    private static int Highest(Candidate candidate) => candidate.Victims.Count == 0 ? int.MinValue : candidate.Victims[0].Priority;

    // Priorities may be negative: shifted, so that more victims never make a smaller sum.
    private static long Sum(Candidate candidate)
    {
        var sum = 0L;
        foreach (var victim in candidate.Victims)
        {
            sum += victim.Priority + (long)int.MaxValue + 1;
        }
        return sum;
    }

    private static DateTimeOffset EarliestStart(Candidate candidate)
    {
        var earliest = DateTimeOffset.MaxValue;
        foreach (var victim in candidate.Victims)
        {
            if (victim.Priority == candidate.Victims[0].Priority && StartOf(victim) < earliest)
            {
                earliest = StartOf(victim);
            }
        }
        return earliest;
    }
}
