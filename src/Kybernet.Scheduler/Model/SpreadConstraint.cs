using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>How evenly the pods that match a selector are to be spread over the values of a node label.</summary>
/// <param name="TopologyKey">The interned label.</param>
/// <param name="IsHostname">Whether that is the node's own name: then every node is a domain.</param>
/// <param name="MaxSkew">How many more matching pods one domain may have than the emptiest.</param>
/// <param name="MinDomains">With fewer domains than this, the emptiest counts as empty.</param>
/// <param name="IsRequired">Whether a node that would break it is no candidate; else it is merely scored lower.</param>
/// <param name="Selector">Which pods are counted; null for none.</param>
/// <param name="SkipsForbiddenNodes">Whether nodes that the pod may not run on by its selector or affinity are left out of the count.</param>
/// <param name="SkipsTaintedNodes">Whether nodes with taints that the pod does not tolerate are left out of the count.</param>
internal sealed record SpreadConstraint(
    int TopologyKey,
    bool IsHostname,
    int MaxSkew,
    int MinDomains,
    bool IsRequired,
    PodSelector? Selector,
    bool SkipsForbiddenNodes,
    bool SkipsTaintedNodes)
{
    public const string Hostname = "kubernetes.io/hostname";
    public const string Zone = "topology.kubernetes.io/zone";

    /// <summary>Compiles the constraints of a pod.</summary>
    public static SpreadConstraint[] Of(Pod pod, Interner interner)
    {
        var constraints = pod.Spec.TopologySpreadConstraints;
        if (constraints.Count == 0)
        {
            return [];
        }
        var compiled = new SpreadConstraint[constraints.Count];
        for (var i = 0; i < compiled.Length; i++)
        {
            var constraint = constraints[i];
            compiled[i] = new SpreadConstraint(
                interner.Intern(constraint.TopologyKey),
                constraint.TopologyKey == Hostname,
                constraint.MaxSkew,
                constraint.MinDomains ?? 1,
                constraint.WhenUnsatisfiable != "ScheduleAnyway",
                WithOwnLabels(PodSelector.Of(constraint.LabelSelector), constraint.MatchLabelKeys, pod.Metadata.Labels),
                constraint.NodeAffinityPolicy != "Ignore",
                constraint.NodeTaintsPolicy == "Honor");
        }
        return compiled;
    }

    private static PodSelector? WithOwnLabels(PodSelector? selector, IReadOnlyList<string> keys, IReadOnlyDictionary<string, string> labels)
    {
        if (selector is null || keys.Count == 0)
        {
            return selector;
        }
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (labels.TryGetValue(key, out var value))
            {
                own[key] = value;
            }
        }
        return own.Count == 0 ? selector : selector.And(own);
    }
}
