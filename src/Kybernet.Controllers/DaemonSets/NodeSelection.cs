using Kybernet.Api.Core.V1;
using Kybernet.Api.Scheduling;

namespace Kybernet.Controllers.DaemonSets;

/// <summary>Holds a DaemonSet's pods to their nodes.</summary>
internal static class NodeSelection
{
    /// <summary>The affinity that holds a pod to one node, in place of the template's required terms, which that node meets.</summary>
    public static Affinity HoldTo(Affinity? affinity, string node)
    {
        var term = new NodeSelectorTerm { MatchFields = [new NodeSelectorRequirement { Key = NodeMatch.NameField, Operator = "In", Values = [node] }] };
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
                if (field is { Key: NodeMatch.NameField, Operator: "In", Values: [var name] })
                {
                    return name;
                }
            }
        }
        return null;
    }
}
