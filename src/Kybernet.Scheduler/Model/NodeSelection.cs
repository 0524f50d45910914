using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>Which nodes a pod may run on, and which it would rather, by their labels and names: its node selector and node affinity, compiled.</summary>
internal sealed class NodeSelection
{
    private readonly Interner _interner;
    private readonly NodeRequirement[] _selector;
    private readonly NodeRequirement[][]? _terms;
    private readonly (long Weight, NodeRequirement[] Requirements)[] _preferred;

    private NodeSelection(Interner interner, NodeRequirement[] selector, NodeSelector? required, IReadOnlyList<PreferredSchedulingTerm> preferred)
    {
        _interner = interner;
        _selector = selector;
        _terms = required is null ? null : CompileTerms(required);
        _preferred = new (long, NodeRequirement[])[preferred.Count];
        for (var i = 0; i < _preferred.Length; i++)
        {
            _preferred[i] = (preferred[i].Weight, Compile(preferred[i].Preference));
        }
        PinnedNodes = required is null ? null : FindPinnedNodes(required);
    }

    /// <summary>Whether there is anything that a node has to satisfy.</summary>
    public bool IsRequiring => _selector.Length > 0 || _terms is not null;

    /// <summary>Whether some nodes are preferred.</summary>
    public bool IsPreferring => _preferred.Length > 0;

    /// <summary>The only nodes that can match, where every term names one: what a DaemonSet's pods do. Null for any node.</summary>
    public IReadOnlyList<string>? PinnedNodes { get; }

    /// <summary>Compiles what a pod says; null where it says nothing.</summary>
    public static NodeSelection? Of(PodSpec spec, Interner interner)
    {
        var affinity = spec.Affinity?.NodeAffinity;
        var required = affinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        IReadOnlyList<PreferredSchedulingTerm> preferred = affinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [];
        if (spec.NodeSelector.Count == 0 && required is null && preferred.Count == 0)
        {
            return null;
        }
        var selector = new List<NodeRequirement>(spec.NodeSelector.Count);
        foreach (var (key, value) in spec.NodeSelector)
        {
            selector.Add(NodeRequirement.Equal(key, value, interner));
        }
        return new NodeSelection(interner, [.. selector], required, preferred);
    }

    /// <summary>Compiles what something else than a pod says, as a volume does.</summary>
    public static NodeSelection Of(NodeSelector required, Interner interner) => new(interner, [], required, []);

    /// <summary>Whether the pod may run on the node.</summary>
    public bool Allows(NodeFacts node)
    {
        if (!MatchesAll(_selector, node))
        {
            return false;
        }
        if (_terms is null)
        {
            return true;
        }
        foreach (var term in _terms)
        {
            if (term.Length > 0 && MatchesAll(term, node))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The weights of the preferences that the node satisfies. A preference that asks for nothing is satisfied by none.</summary>
    public long Preference(NodeFacts node)
    {
        var sum = 0L;
        foreach (var (weight, requirements) in _preferred)
        {
            if (requirements.Length > 0 && MatchesAll(requirements, node))
            {
                sum += weight;
            }
        }
        return sum;
    }

    private bool MatchesAll(NodeRequirement[] requirements, NodeFacts node)
    {
        foreach (ref readonly var requirement in requirements.AsSpan())
        {
            if (!requirement.Matches(node, _interner))
            {
                return false;
            }
        }
        return true;
    }

    private NodeRequirement[][] CompileTerms(NodeSelector selector)
    {
        var terms = new NodeRequirement[selector.NodeSelectorTerms.Count][];
        for (var i = 0; i < terms.Length; i++)
        {
            terms[i] = Compile(selector.NodeSelectorTerms[i]);
        }
        return terms;
    }

    private NodeRequirement[] Compile(NodeSelectorTerm term)
    {
        var requirements = new List<NodeRequirement>(term.MatchExpressions.Count + term.MatchFields.Count);
        foreach (var expression in term.MatchExpressions)
        {
            requirements.Add(NodeRequirement.OnLabel(expression, _interner));
        }
        foreach (var field in term.MatchFields)
        {
            requirements.Add(NodeRequirement.OnField(field, _interner));
        }
        return [.. requirements];
    }

    // Terms are alternatives: one that names no node leaves the choice open. Fields of one term all have to hold.
    private static List<string>? FindPinnedNodes(NodeSelector selector)
    {
        if (selector.NodeSelectorTerms.Count == 0)
        {
            return null;
        }
        var nodes = new List<string>();
        foreach (var term in selector.NodeSelectorTerms)
        {
            string? pinned = null;
            var conflicting = false;
            foreach (var field in term.MatchFields)
            {
                if (field is { Key: "metadata.name", Operator: "In", Values.Count: 1 })
                {
                    conflicting |= pinned is not null && pinned != field.Values[0];
                    pinned = field.Values[0];
                }
            }
            if (pinned is null)
            {
                return null;
            }
            if (!conflicting && !nodes.Contains(pinned))
            {
                nodes.Add(pinned);
            }
        }
        return nodes;
    }
}
