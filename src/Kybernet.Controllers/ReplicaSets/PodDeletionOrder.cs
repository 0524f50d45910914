using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.ReplicaSets;

/// <summary>
/// Which pods go first when there are too many: those that do the least harm. Unassigned before assigned, pending before unknown before running, not ready
/// before ready, cheaper by the pod-deletion-cost annotation, on the node with more of the same, ready for less long, restarted more often, younger.
/// Times count by orders of magnitude, so that the eldest of a kind are not always the ones that stay.
/// </summary>
internal static class PodDeletionOrder
{
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    public static IReadOnlyList<Pod> Choose(IReadOnlyList<Pod> pods, IEnumerable<Pod> related, int count, DateTimeOffset now)
    {
        if (count >= pods.Count)
        {
            return pods;
        }
        var onNode = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pod in related)
        {
            if (pod.IsActive())
            {
                onNode[pod.Spec.NodeName ?? ""] = onNode.GetValueOrDefault(pod.Spec.NodeName ?? "") + 1;
            }
        }
        var ordered = pods.ToArray();
        Array.Sort(ordered, (left, right) => Compare(left, right, onNode, now));
        return ordered[..count];
    }

    private static int Compare(Pod left, Pod right, Dictionary<string, int> onNode, DateTimeOffset now)
    {
        var order = IsAssigned(left).CompareTo(IsAssigned(right));
        order = order != 0 ? order : PhaseRank(left).CompareTo(PhaseRank(right));
        order = order != 0 ? order : left.IsReady().CompareTo(right.IsReady());
        order = order != 0 ? order : Cost(left).CompareTo(Cost(right));
        order = order != 0 ? order : onNode.GetValueOrDefault(right.Spec.NodeName ?? "").CompareTo(onNode.GetValueOrDefault(left.Spec.NodeName ?? ""));
        order = order != 0 || !left.IsReady() ? order : CompareAge(ReadySince(left), ReadySince(right), now);
        order = order != 0 ? order : Restarts(right).CompareTo(Restarts(left));
        order = order != 0 ? order : CompareAge(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp, now);
        return order != 0 ? order : string.CompareOrdinal(left.Metadata.Uid, right.Metadata.Uid);
    }

    private static bool IsAssigned(Pod pod) => !string.IsNullOrEmpty(pod.Spec.NodeName);

    private static int PhaseRank(Pod pod) => pod.Status.Phase switch { PodStatuses.Pending => 0, PodStatuses.Unknown => 1, _ => 2 };

    private static int Cost(Pod pod) =>
        pod.Metadata.Annotations.TryGetValue(DeletionCost, out var text)
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    private static DateTimeOffset? ReadySince(Pod pod) => pod.Condition(PodStatuses.ReadyCondition)?.LastTransitionTime;

    private static int Restarts(Pod pod)
    {
        var most = 0;
        foreach (var status in pod.Status.ContainerStatuses)
        {
            most = Math.Max(most, status.RestartCount);
        }
        return most;
    }

    /// <summary>Younger first; what has no time counts as youngest.</summary>
    private static int CompareAge(DateTimeOffset? left, DateTimeOffset? right, DateTimeOffset now) => Magnitude(left, now).CompareTo(Magnitude(right, now));

    private static int Magnitude(DateTimeOffset? since, DateTimeOffset now) =>
        since is { } time && now - time is { Ticks: > 0 } age ? (int)Math.Log2(age.TotalNanoseconds) : -1;
}
