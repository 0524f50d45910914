namespace Kybernet.Kubelet.Eviction;

/// <summary>
/// Who goes first when something runs out: whoever uses more than it asked for, then whoever is of less priority, then whoever uses most beyond what it asked
/// for (Kubernetes documentation: Node-pressure Eviction).
/// </summary>
internal static class EvictionRanking
{
    public static IReadOnlyList<PodConsumption> Rank(IEnumerable<PodConsumption> pods, EvictionSignal signal)
    {
        var resource = signal.Resource;
        // Of process numbers and inodes nobody asks for any.
        var hasRequests = signal != EvictionSignal.Pids && signal != EvictionSignal.NodeInodes;
        return
        [
            .. pods.Where(static pod => !pod.IsCritical)
                .OrderByDescending(pod => hasRequests && pod.Usage(resource) > pod.Request(resource))
                .ThenBy(static pod => pod.Pod.Spec.Priority ?? 0)
                .ThenByDescending(pod => pod.Usage(resource) - pod.Request(resource)),
        ];
    }
}
