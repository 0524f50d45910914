using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>Where a storage class lets volumes be made.</summary>
internal static class Topologies
{
    /// <summary>Whether a node is in one of the terms; where there are none, any is right.</summary>
    public static bool Allow(IReadOnlyList<TopologySelectorTerm> terms, Node node) =>
        terms.Count == 0 || terms.Any(term => term.MatchLabelExpressions.All(
            requirement => node.Metadata.Labels.TryGetValue(requirement.Key, out var value) && requirement.Values.Contains(value)));
}
