namespace Kybernet.Kubelet.Eviction;

/// <summary>
/// Who goes first when something runs out: whoever uses more than it asked for, then whoever is of less priority, then whoever uses most beyond what it asked
/// for (Kubernetes documentation: Node-pressure Eviction).
/// </summary>
internal static class EvictionRanking
{
    public static IReadOnlyList<PodConsumption> Rank(IEnumerable<PodConsumption> pods, EvictionSignal signal)
    {
        // Of process numbers and inodes nobody asks for any.
        var hasRequests = signal.Resource is "memory" or "ephemeral-storage";
        return
        [
            .. pods.Where(static pod => !pod.IsCritical)
                .Select(pod => (Pod: pod, Excess: pod.Usage(signal) - (hasRequests ? pod.Request(signal.Resource) : 0)))
                .OrderByDescending(ranked => hasRequests && ranked.Excess > 0)
                .ThenBy(static ranked => ranked.Pod.Pod.Spec.Priority ?? 0)
                .ThenByDescending(static ranked => ranked.Excess)
                .Select(static ranked => ranked.Pod),
        ];
    }
}
