using Kybernet.Api.Core.V1;
using Kybernet.Api.Selectors;

namespace Kybernet.Api.Scheduling;

// Node is a namespace here too.
using Node = Kybernet.Api.Core.V1.Node;

/// <summary>Whether a node has what a pod's node selector and required node affinity ask for.</summary>
public static class NodeMatch
{
    /// <summary>The one field that node affinity can ask for.</summary>
    public const string NameField = "metadata.name";

    /// <summary>Whether the pod may run there.</summary>
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
}
