using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>Whether a node has what a pod's node selector and required node affinity ask for.</summary>
internal static class NodeSelection
{
    private const string NameField = "metadata.name";

    public static bool Admits(PodSpec spec, Node node)
    {
        foreach (var (key, value) in spec.NodeSelector)
        {
            if (node.Metadata.Labels.GetValueOrDefault(key) != value)
            {
                return false;
            }
        }
        return spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required
            || required.NodeSelectorTerms.Any(term => Matches(term, node));
    }

    /// <summary>A term without requirements matches nothing.</summary>
    private static bool Matches(NodeSelectorTerm term, Node node) =>
        term.MatchExpressions.Count + term.MatchFields.Count > 0
        && Requirements(term.MatchExpressions).Matches(node.Metadata.Labels)
        && Requirements(term.MatchFields).Matches(new Dictionary<string, string> { [NameField] = node.Metadata.Name! });

    private static Selector Requirements(IReadOnlyList<NodeSelectorRequirement> requirements) =>
        Selector.Of(requirements.Select(static requirement => Requirement.Create(requirement.Key, OperatorOf(requirement.Operator), requirement.Values)));

    private static SelectorOperator OperatorOf(string name) => name switch
    {
        "In" => SelectorOperator.In,
        "NotIn" => SelectorOperator.NotIn,
        "Exists" => SelectorOperator.Exists,
        "DoesNotExist" => SelectorOperator.DoesNotExist,
        "Gt" => SelectorOperator.GreaterThan,
        "Lt" => SelectorOperator.LessThan,
        _ => throw new SelectorException($"\"{name}\" is not a valid node selector operator"),
    };

    /// <summary>The affinity that holds a pod to one node, in place of the template's required terms, which that node meets.</summary>
    public static Affinity HoldTo(Affinity? affinity, string node)
    {
        var term = new NodeSelectorTerm { MatchFields = [new NodeSelectorRequirement { Key = NameField, Operator = "In", Values = [node] }] };
        var nodeAffinity = (affinity?.NodeAffinity ?? new NodeAffinity()) with
        {
            RequiredDuringSchedulingIgnoredDuringExecution = new NodeSelector { NodeSelectorTerms = [term] },
        };
        return (affinity ?? new Affinity()) with { NodeAffinity = nodeAffinity };
    }

    /// <summary>The node that a pod is on, or is held to.</summary>
    public static string? TargetOf(Pod pod)
    {
        if (!string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            return pod.Spec.NodeName;
        }
        foreach (var term in pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [])
        {
            foreach (var field in term.MatchFields)
            {
                if (field is { Key: NameField, Operator: "In", Values: [var name] })
                {
                    return name;
                }
            }
        }
        return null;
    }
}
