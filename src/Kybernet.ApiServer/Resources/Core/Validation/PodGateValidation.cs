using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>What may be added to a pod while it waits for its scheduling gates: narrower choices of nodes.</summary>
internal static class PodGateValidation
{
    /// <summary>Says which changes of the choice of nodes widen it, and gives the spec with the old choice.</summary>
    public static PodSpec Restore(PodSpec spec, PodSpec previous, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, value) in previous.NodeSelector)
        {
            if (!spec.NodeSelector.TryGetValue(key, out var current) || current != value)
            {
                errors.InvalidMap(path.Child("nodeSelector"), spec.NodeSelector, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
                break;
            }
        }
        var restored = spec with { NodeSelector = previous.NodeSelector };
        var (old, now) = (previous.Affinity?.NodeAffinity, spec.Affinity?.NodeAffinity);
        if (ModelJson.Same(old, now))
        {
            return restored;
        }
        NodeAffinity(now, old, path.Child("affinity").Child("nodeAffinity"), errors);
        return (spec.Affinity, previous.Affinity) switch
        {
            (null, _) => restored with { Affinity = new Affinity { NodeAffinity = old } },
            ({ PodAffinity: null, PodAntiAffinity: null }, null) => restored with { Affinity = null },
            _ => restored with { Affinity = spec.Affinity with { NodeAffinity = old } },
        };
    }

    private static void NodeAffinity(NodeAffinity? affinity, NodeAffinity? previous, FieldPath path, FieldErrors errors)
    {
        var old = previous?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [];
        var now = affinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [];
        var terms = path.Child("requiredDuringSchedulingIgnoredDuringExecution").Child("nodeSelectorTerms");
        if (old.Count > 0 && old.Count != now.Count)
        {
            errors.InvalidJson(terms, "[" + string.Join(",", now.Select(term => ModelJson.ToText(term))) + "]",
                "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }
        for (var i = 0; i < old.Count; i++)
        {
            if (!OnlyAdds(now[i], old[i]))
            {
                errors.Invalid(terms.Index(i), now[i], "only additions are allowed (no mutations or deletions)");
            }
        }
    }

    private static bool OnlyAdds(NodeSelectorTerm term, NodeSelectorTerm previous)
    {
        // A term without conditions selects nothing; anything added would make it select something.
        if (previous is { MatchExpressions.Count: 0, MatchFields.Count: 0 })
        {
            return term is { MatchExpressions.Count: 0, MatchFields.Count: 0 };
        }
        return BeginsWith(term.MatchExpressions, previous.MatchExpressions) && BeginsWith(term.MatchFields, previous.MatchFields);
    }

    private static bool BeginsWith(IReadOnlyList<NodeSelectorRequirement> list, IReadOnlyList<NodeSelectorRequirement> beginning)
    {
        if (list.Count < beginning.Count)
        {
            return false;
        }
        for (var i = 0; i < beginning.Count; i++)
        {
            if (!ModelJson.Same(list[i], beginning[i]))
            {
                return false;
            }
        }
        return true;
    }
}
