using System.Globalization;
using Kybernet.Api.Apps.V1;

namespace Kybernet.Controllers.Deployments;

/// <summary>The annotations that a ReplicaSet carries for its Deployment.</summary>
internal static class Revisions
{
    // Upstream's bound on the history annotation, in characters.
    private const int MaxHistoryLength = 2000;

    private static readonly HashSet<string> NotCopied = new(StringComparer.Ordinal)
    {
        DeploymentNames.LastApplied, DeploymentNames.Revision, DeploymentNames.RevisionHistory,
        DeploymentNames.DesiredReplicas, DeploymentNames.MaxReplicas, DeploymentNames.RollbackTo,
    };

    public static long Of(ReplicaSet set) => Number(set.Metadata.Annotations.GetValueOrDefault(DeploymentNames.Revision));

    public static long Latest(IEnumerable<ReplicaSet> sets) => sets.Select(Of).DefaultIfEmpty(0).Max();

    /// <summary>The set with the Deployment's annotations and a revision at least as high as the one given.</summary>
    public static ReplicaSet Annotate(Deployment deployment, ReplicaSet set, long revision, bool isNew)
    {
        var annotations = new Dictionary<string, string>(set.Metadata.Annotations, StringComparer.Ordinal);
        foreach (var (key, value) in deployment.Metadata.Annotations)
        {
            if (!NotCopied.Contains(key))
            {
                annotations[key] = value;
            }
        }
        var known = annotations.GetValueOrDefault(DeploymentNames.Revision);
        if (Number(known) < revision)
        {
            annotations[DeploymentNames.Revision] = revision.ToString(CultureInfo.InvariantCulture);
            if (known is not null)
            {
                annotations[DeploymentNames.RevisionHistory] = History(annotations.GetValueOrDefault(DeploymentNames.RevisionHistory), known);
            }
        }
        var annotated = set with { Metadata = set.Metadata with { Annotations = annotations } };
        return isNew ? WithReplicas(deployment, annotated) : annotated;
    }

    /// <summary>The set with the annotations that tell how many pods were wanted when it was last scaled: what proportions are reckoned from.</summary>
    public static ReplicaSet WithReplicas(Deployment deployment, ReplicaSet set)
    {
        var annotations = new Dictionary<string, string>(set.Metadata.Annotations, StringComparer.Ordinal)
        {
            [DeploymentNames.DesiredReplicas] = deployment.Wanted().ToString(CultureInfo.InvariantCulture),
            [DeploymentNames.MaxReplicas] = (deployment.Wanted() + deployment.MaxSurge()).ToString(CultureInfo.InvariantCulture),
        };
        return set with { Metadata = set.Metadata with { Annotations = annotations } };
    }

    public static int? Desired(ReplicaSet set) => Count(set, DeploymentNames.DesiredReplicas);

    public static int? Max(ReplicaSet set) => Count(set, DeploymentNames.MaxReplicas);

    public static bool SameAnnotations(ReplicaSet left, ReplicaSet right)
    {
        var (a, b) = (left.Metadata.Annotations, right.Metadata.Annotations);
        return a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out var value) && value == pair.Value);
    }

    private static int? Count(ReplicaSet set, string annotation) =>
        int.TryParse(set.Metadata.Annotations.GetValueOrDefault(annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    private static long Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string History(string? history, string revision)
    {
        if (string.IsNullOrEmpty(history))
        {
            return revision;
        }
        var whole = $"{history},{revision}";
        while (whole.Length > MaxHistoryLength && whole.IndexOf(',') is >= 0 and var comma)
        {
            whole = whole[(comma + 1)..];
        }
        return whole;
    }
}
