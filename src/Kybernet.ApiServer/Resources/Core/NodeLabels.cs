using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Labels of nodes that have new names.</summary>
internal static class NodeLabels
{
    private static readonly Dictionary<string, string> Deprecated = new(StringComparer.Ordinal)
    {
        ["beta.kubernetes.io/arch"] = "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        ["beta.kubernetes.io/os"] = "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ["failure-domain.beta.kubernetes.io/region"] = "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        ["failure-domain.beta.kubernetes.io/zone"] = "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        ["beta.kubernetes.io/instance-type"] = "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    };

    /// <summary>What to use in place of a label; null where the label is right.</summary>
    public static string? Advice(string label) => Deprecated.GetValueOrDefault(label);

    /// <summary>The warning about a label that a field names.</summary>
    public static IEnumerable<string> Warnings(string label, string field)
    {
        if (Advice(label) is { } advice)
        {
            yield return $"{field}: {label} is {advice}";
        }
    }

    /// <summary>The warnings about the labels that a selection of nodes names.</summary>
    public static IEnumerable<string> Warnings(NodeSelectorTerm term, string path) =>
        term.MatchExpressions.SelectMany((expression, i) => Warnings(expression.Key, $"{path}.matchExpressions[{i}].key"));
}
