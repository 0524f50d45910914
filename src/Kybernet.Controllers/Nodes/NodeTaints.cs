using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.Nodes;

/// <summary>The taints that tell the scheduler and the taint evictor what state a node is in.</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string NoSchedule = "NoSchedule";
    public const string NoExecute = "NoExecute";

    private static readonly Dictionary<(string Type, string Status), string> ByCondition = new()
    {
        [("Ready", ConditionStatus.False)] = NotReady,
        [("Ready", ConditionStatus.Unknown)] = Unreachable,
        [("MemoryPressure", ConditionStatus.True)] = "node.kubernetes.io/memory-pressure",
        [("DiskPressure", ConditionStatus.True)] = "node.kubernetes.io/disk-pressure",
        [("NetworkUnavailable", ConditionStatus.True)] = "node.kubernetes.io/network-unavailable",
        [("PIDPressure", ConditionStatus.True)] = "node.kubernetes.io/pid-pressure",
    };

    private const string Unschedulable = "node.kubernetes.io/unschedulable";

    private static readonly HashSet<string> Owned = new(ByCondition.Values, StringComparer.Ordinal) { Unschedulable };

    /// <summary>The taints that a node should have: others' as they are, and ours by its conditions.</summary>
    /// <param name="node">The node.</param>
    /// <param name="mayEvict">Whether its pods may be told to leave; not when so many nodes are silent that it is rather the network.</param>
    /// <param name="now">When a taint is added.</param>
    public static IReadOnlyList<Taint> Wanted(Node node, bool mayEvict, DateTimeOffset now)
    {
        var ready = node.Status.Conditions.FirstOrDefault(static condition => condition.Type == "Ready");
        var wanted = new List<(string Key, string Effect)>();
        foreach (var condition in node.Status.Conditions)
        {
            if (ByCondition.TryGetValue((condition.Type, condition.Status), out var key))
            {
                wanted.Add((key, NoSchedule));
            }
        }
        if (node.Spec.Unschedulable == true)
        {
            wanted.Add((Unschedulable, NoSchedule));
        }
        if (mayEvict && ready is { Status: ConditionStatus.False or ConditionStatus.Unknown })
        {
            wanted.Add((ready.Status == ConditionStatus.False ? NotReady : Unreachable, NoExecute));
        }
        var taints = node.Spec.Taints.Where(taint => !IsOurs(taint) || wanted.Contains((taint.Key, taint.Effect))).ToList();
        foreach (var (key, effect) in wanted)
        {
            if (!taints.Exists(taint => taint.Key == key && taint.Effect == effect))
            {
                taints.Add(new Taint { Key = key, Effect = effect, TimeAdded = now });
            }
        }
        return taints;
    }

    private static bool IsOurs(Taint taint) => taint.Effect switch
    {
        NoSchedule => Owned.Contains(taint.Key),
        NoExecute => taint.Key is NotReady or Unreachable,
        _ => false,
    };
}
